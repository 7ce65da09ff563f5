import type { Rule } from './rule.ts';

/** What each operation checks, in which order, what it answers and what it changes; which paths there are. */
export const OPERATION_RULES = {
  'create.flag': {
    says: 'A create with a flag that no CreateMode has fails with BADARGUMENTS before anything else is looked at.',
    source: 'CreateMode.fromFlag',
  },
  'create.ttl-disabled': {
    says: 'A time to live fails with UNIMPLEMENTED unless extendedTypesEnabled is on, before its length is looked at.',
    source: 'PrepRequestProcessor.validateCreateRequest',
  },
  'create.ttl-range': {
    says: 'A time to live is 1 to 1,099,511,627,775 ms, and other modes have none; anything else is BADARGUMENTS.',
    source: 'EphemeralType.validateTTL',
  },
  'create.session': {
    says: 'After mode and time to live a create checks its session.',
    source: 'PrepRequestProcessor.validateCreateRequest',
  },
  'create.path-start': {
    says: 'A path without a slash or with NUL fails with BADARGUMENTS before the ACL is looked at.',
    source: 'PrepRequestProcessor.validatePathForCreate',
  },
  'create.acl': {
    says: 'An ACL that is not valid fails with INVALIDACL, even if the parent is missing.',
    source: 'PrepRequestProcessor.fixupACL',
  },
  'create.parent': {
    says: 'A create fails with NONODE if the parent is missing, whatever else is wrong with the path.',
    source: 'PrepRequestProcessor.pRequest2TxnCreate',
  },
  'create.permission': {
    says: 'A create needs CREATE on the parent, else NOAUTH, before the whole path is judged.',
    source: 'PrepRequestProcessor.pRequest2TxnCreate',
  },
  'create.path': {
    says: 'The whole path, its number included, must keep the rules of paths, else BADARGUMENTS.',
    source: 'PrepRequestProcessor.pRequest2TxnCreate',
  },
  'create.exists': {
    says: 'A create of a znode that is there fails with NODEEXISTS, also below an ephemeral.',
    source: 'PrepRequestProcessor.pRequest2TxnCreate',
  },
  'create.ephemeral-parent': {
    says: 'A create below an ephemeral fails with NOCHILDRENFOREPHEMERALS.',
    source: 'PrepRequestProcessor.pRequest2TxnCreate',
  },
  'create.quota': {
    says: 'Last of all a create is measured by the quota above it, if the server enforces quotas.',
    source: 'PrepRequestProcessor.pRequest2TxnCreate',
  },
  'create.reply': {
    says: 'A create answers with the path; create2, containers and nodes with a time to live answer with the Stat as well.',
    source: 'FinalRequestProcessor.processRequest',
  },
  'delete.session': {
    says: 'A delete checks its session first.',
    source: 'PrepRequestProcessor.pRequest2Txn',
  },
  'delete.path': {
    says: 'A path without slash or with NUL, and the paths /, /zookeeper, /zookeeper/quota and /zookeeper/config, cannot be deleted: BADARGUMENTS.',
    source: 'PrepRequestProcessor.getParentPathAndValidate, DataTree.isSpecialPath',
  },
  'delete.parent': {
    says: 'A delete fails with NONODE if the parent is missing.',
    source: 'PrepRequestProcessor.pRequest2Txn',
  },
  'delete.permission': {
    says: 'A delete needs DELETE on the parent, else NOAUTH, even if the node is missing.',
    source: 'PrepRequestProcessor.pRequest2Txn',
  },
  'delete.node': {
    says: 'A delete fails with NONODE if the node is missing.',
    source: 'PrepRequestProcessor.pRequest2Txn',
  },
  'delete.version': {
    says: 'A delete with another version than the node’s, and not −1, fails with BADVERSION, even if there are children.',
    source: 'PrepRequestProcessor.checkAndIncVersion',
  },
  'delete.children': {
    says: 'A node with children cannot be deleted: NOTEMPTY.',
    source: 'PrepRequestProcessor.pRequest2Txn',
  },
  'set-data.session': {
    says: 'A setData checks its session first.',
    source: 'PrepRequestProcessor.pRequest2Txn',
  },
  'set-data.path': {
    says: 'A setData fails with BADARGUMENTS if the path breaks the rules of paths.',
    source: 'PrepRequestProcessor.pRequest2Txn',
  },
  'set-data.node': {
    says: 'A setData fails with NONODE if the node is missing.',
    source: 'PrepRequestProcessor.pRequest2Txn',
  },
  'set-data.permission': {
    says: 'A setData needs WRITE on the node, else NOAUTH, whatever the version.',
    source: 'PrepRequestProcessor.pRequest2Txn',
  },
  'set-data.quota': {
    says: 'A setData is measured by the quota above it before its version is looked at, if the server enforces quotas.',
    source: 'PrepRequestProcessor.pRequest2Txn',
  },
  'set-data.version': {
    says: 'A setData with another version than the node’s, and not −1, fails with BADVERSION.',
    source: 'PrepRequestProcessor.checkAndIncVersion',
  },
  'set-acl.session': {
    says: 'A setACL checks its session first.',
    source: 'PrepRequestProcessor.pRequest2Txn',
  },
  'set-acl.path': {
    says: 'A setACL fails with BADARGUMENTS if the path breaks the rules of paths, before the list is looked at.',
    source: 'PrepRequestProcessor.pRequest2Txn',
  },
  'set-acl.acl': {
    says: 'A setACL with a list that is not valid fails with INVALIDACL, even if the node is missing.',
    source: 'PrepRequestProcessor.pRequest2Txn',
  },
  'set-acl.node': {
    says: 'A setACL fails with NONODE if the node is missing.',
    source: 'PrepRequestProcessor.pRequest2Txn',
  },
  'set-acl.permission': {
    says: 'A setACL needs ADMIN on the node, else NOAUTH, whatever the version.',
    source: 'PrepRequestProcessor.pRequest2Txn',
  },
  'set-acl.version': {
    says: 'A setACL compares its version with the node’s aversion: BADVERSION.',
    source: 'PrepRequestProcessor.checkAndIncVersion',
  },
  'set-acl.in-flight': {
    says: 'Until a setACL is applied, writes behind it are measured by the old list.',
    source: 'PrepRequestProcessor.pRequest2Txn',
  },
  'check.session': {
    says: 'A check checks its session first.',
    source: 'PrepRequestProcessor.pRequest2Txn',
  },
  'check.path': {
    says: 'A check fails with BADARGUMENTS if the path breaks the rules of paths.',
    source: 'PrepRequestProcessor.pRequest2Txn',
  },
  'check.node': {
    says: 'A check fails with NONODE if the node is missing.',
    source: 'PrepRequestProcessor.pRequest2Txn',
  },
  'check.permission': {
    says: 'A check needs READ on the node, else NOAUTH, whatever the version.',
    source: 'PrepRequestProcessor.pRequest2Txn',
  },
  'check.version': {
    says: 'A check with another version than the node’s, and not −1, fails with BADVERSION.',
    source: 'PrepRequestProcessor.checkAndIncVersion',
  },
  'check.alone': {
    says: 'A check of its own is a write: it takes a zxid, and fails as in a multi. Where it succeeds, no answer comes.',
    source: 'FinalRequestProcessor.processRequest',
  },
  'delete-container.unchecked': {
    says: 'The removal of a container needs no session and no permission.',
    source: 'PrepRequestProcessor.pRequest2Txn',
  },
  'delete-container.path': {
    says: 'A client’s own deleteContainer names no path that the server can read: BADARGUMENTS.',
    source: 'PrepRequestProcessor.getParentPathAndValidate',
  },
  'delete-container.node': {
    says: 'The removal of a container fails with NONODE if the node is missing, also if its parent is.',
    source: 'PrepRequestProcessor.pRequest2Txn',
  },
  'delete-container.children': {
    says: 'The removal of a container fails with NOTEMPTY if it has children again.',
    source: 'PrepRequestProcessor.pRequest2Txn',
  },
  'delete-container.ephemeral': {
    says: 'An ephemeral is not removed as a container: BADVERSION.',
    source: 'PrepRequestProcessor.pRequest2Txn',
  },
  'multi.order': {
    says: 'The parts of a multi are checked in order, each against what those before it do.',
    source: 'PrepRequestProcessor.pRequestHelper',
  },
  'multi.all-or-nothing': {
    says: 'If a part of a multi fails, nothing of it happens.',
    source: 'DataTree.processTxn',
  },
  'multi.one-zxid': {
    says: 'All parts of a multi share one zxid and one time.',
    source: 'PrepRequestProcessor.pRequestHelper',
  },
  'multi.rollback': {
    says: 'What a failed multi has added to the changes in flight, parents included, is taken back, so that no number is skipped.',
    source: 'PrepRequestProcessor.rollbackPendingChanges (ZOOKEEPER-1624)',
  },
  'multi.results': {
    says: 'Of a failed multi the parts before the one that failed report OK, that one its error, those behind it RUNTIMEINCONSISTENCY.',
    source: 'DataTree.processTxn, PrepRequestProcessor.pRequestHelper',
  },
  'multi.reply-ok': {
    says: 'The reply to a failed multi carries no error: the results do.',
    source: 'FinalRequestProcessor.processRequest',
  },
  'multi.txn': {
    says: 'A failed multi is logged as a multi, not as an error.',
    source: 'PrepRequestProcessor.pRequestHelper',
  },
  'multi.create-kind': {
    says: 'Which create a part of a multi is follows from its mode; only containers and nodes with a time to live answer with a Stat.',
    source: 'Op.Create.getOpcode',
  },
  'multi.watches': {
    says: 'The watches of each part of a multi fire by themselves, in the order of the parts.',
    source: 'DataTree.processTxn',
  },
  'multi.writes-only': {
    says: 'A multi holds writes and checks only; one that holds something else fails with MARSHALLINGERROR.',
    source: 'MultiOperationRecord.deserialize',
  },
  'multi.empty': {
    says: 'A multi of no operations is a transaction that changes nothing.',
    source: 'PrepRequestProcessor.pRequestHelper',
  },
  'mode.persistent': {
    says: 'A persistent node has no owner.',
    source: 'PrepRequestProcessor.pRequest2TxnCreate',
  },
  'mode.ephemeral': {
    says: 'An ephemeral node is owned by its session and goes with it.',
    source: 'DataTree.killSession',
  },
  'mode.sequential': {
    says: 'A sequential mode makes the same node as its plain mode, under a numbered name.',
    source: 'PrepRequestProcessor.pRequest2TxnCreate',
  },
  'mode.flags': {
    says: 'A mode travels as a number: 0 persistent, 1 ephemeral, 2 and 3 the same with a sequence, 4 container, 5 and 6 with a time to live.',
    source: 'CreateMode.fromFlag',
  },
  'mode.container': {
    says: 'A container is marked in its ephemeralOwner, shows none, and may have children.',
    source: 'EphemeralType.CONTAINER, DataNode.copyStat',
  },
  'mode.ttl': {
    says: 'A node with a time to live keeps it in its ephemeralOwner, shows none, and may have children.',
    source: 'EphemeralType.TTL, DataNode.copyStat',
  },
  'mode.ttl-unrecognized': {
    says: 'With extendedTypesEnabled switched off later, a node with a time to live is taken for an ephemeral.',
    source: 'EphemeralType.get',
  },
  'mode.ttl-prefix': {
    says: 'With extendedTypesEnabled an owner that begins with ff00 is a time to live, which is why servers have ids up to 254 then.',
    source: 'EphemeralType.validateServerId',
  },
  'container.emptied': {
    says: 'A container that has had a child and has none now is removed at the next check.',
    source: 'ContainerManager.getCandidates',
  },
  'container.never-used': {
    says: 'A container that never had a child stays, unless a longest time for that is set.',
    source: 'ContainerManager.getCandidates',
  },
  'container.ttl-over': {
    says: 'A node with a time to live is removed when it has no children and its data did not change for longer than that.',
    source: 'ContainerManager.getCandidates',
  },
  'container.interval': {
    says: 'Containers and times to live are looked at every 60 s, by the leader only.',
    source: 'ContainerManager.start',
  },
  'container.pace': {
    says: 'Of the containers that may go, no more than 10,000 a minute are removed.',
    source: 'ContainerManager.checkContainers',
  },
  'sequence.plain': {
    says: 'Other creates under a parent advance its next number, too.',
    source: 'PrepRequestProcessor.pRequest2TxnCreate',
  },
  'sequence.deletes': {
    says: 'Deletes give no number back.',
    source: 'PrepRequestProcessor.pRequest2TxnCreate',
  },
  'sequence.overflow': {
    says: 'Behind 2147483647 the numbers go on at -2147483648.',
    source: 'PrepRequestProcessor.pRequest2TxnCreate',
  },
  'request.unreadable-write': {
    says: 'A write whose body cannot be read takes a zxid and fails with MARSHALLINGERROR.',
    source: 'PrepRequestProcessor.pRequestHelper',
  },
  'request.unreadable-read': {
    says: 'A read whose body cannot be read is answered with MARSHALLINGERROR and takes no zxid.',
    source: 'FinalRequestProcessor.processRequest',
  },
  'request.error-codes': {
    says: 'Every error has a number of its own in replies.',
    source: 'KeeperException.Code',
  },
  'request.op-codes': {
    says: 'Every operation has a number of its own in requests and in the log.',
    source: 'ZooDefs.OpCode',
  },
  'request.special-xids': {
    says: 'A client numbers its requests from 1, however often it reconnects; notifications have xid −1, pings −2 and auth packets −4.',
    source: 'ClientCnxn.getXid',
  },
  'request.refused-early': {
    says: 'What is refused before PrepRequestProcessor sees it takes no zxid.',
    source: 'PrepRequestProcessor.pRequest',
  },
  'stat.create': {
    says: 'A new node’s czxid, mzxid and pzxid are its zxid, its times the transaction’s, its versions 0.',
    source: 'DataTree.createStat',
  },
  'stat.time': {
    says: 'The time of a transaction is the wall clock of its leader at the moment when it gives the zxid.',
    source: 'PrepRequestProcessor.pRequest2Txn',
  },
  'stat.parent-create': {
    says: 'A create moves the parent’s pzxid and number of creates, and neither its mzxid, mtime nor version.',
    source: 'DataTree.createNode',
  },
  'stat.parent-delete': {
    says: 'A delete moves the parent’s pzxid, only up, and leaves its number of creates.',
    source: 'DataTree.deleteNode',
  },
  'stat.set-data': {
    says: 'A setData moves version, mzxid, mtime and dataLength, also with equal bytes.',
    source: 'DataTree.setData',
  },
  'stat.set-acl': {
    says: 'A setACL moves aversion only.',
    source: 'DataTree.setACL',
  },
  'stat.reconfig': {
    says: 'A reconfig moves data, mzxid and mtime of /zookeeper/config, whose version stays −1.',
    source: 'PrepRequestProcessor.pRequest2Txn',
  },
  'stat.nothing': {
    says: 'A check, an error and a createSession move nothing but the last zxid.',
    source: 'DataTree.processTxn',
  },
  'stat.cversion': {
    says: 'The cversion shown is twice the number of creates less the number of children: it rises with each child that comes or goes.',
    source: 'DataNode.copyStat',
  },
  'stat.data-length': {
    says: 'A node without data and one with no bytes both show dataLength 0.',
    source: 'DataNode.copyStat',
  },
  'stat.fields': {
    says: 'A Stat travels as czxid, mzxid, ctime, mtime, version, cversion, aversion, ephemeralOwner, dataLength, numChildren and pzxid.',
    source: 'Stat.serialize (zookeeper.jute)',
  },
  'stat.built-in': {
    says: 'The nodes of an empty tree did not count as creates: cversion −1 of / and −2 of /zookeeper.',
    source: 'DataTree',
  },
  'read.session': {
    says: 'Reads at the leader check their session; reads at a learner do not.',
    source: 'PrepRequestProcessor.pRequestHelper',
  },
  'read.exists-nul': {
    says: 'An exists with NUL in its path fails with BADARGUMENTS.',
    source: 'FinalRequestProcessor.processRequest',
  },
  'read.exists-permission': {
    says: 'An exists needs no permission (3.8.4 and 3.9.2 ask for READ).',
    source: 'FinalRequestProcessor.processRequest',
  },
  'read.exists-watch': {
    says: 'An exists leaves its watch also where there is no node.',
    source: 'DataTree.statNode',
  },
  'read.node': {
    says: 'Reads of a missing node fail with NONODE and leave no watch.',
    source: 'FinalRequestProcessor.processRequest',
  },
  'read.permission': {
    says: 'Reads need READ on the node, else NOAUTH.',
    source: 'FinalRequestProcessor.processRequest',
  },
  'read.config': {
    says: 'The configuration is read as the data of /zookeeper/config.',
    source: 'ZooKeeper.getConfig',
  },
  'read.get-acl': {
    says: 'A getACL needs READ or ADMIN.',
    source: 'FinalRequestProcessor.processRequest',
  },
  'read.get-acl-hash': {
    says: 'Who lacks ADMIN sees an x in place of the hash of a digest id.',
    source: 'FinalRequestProcessor.processRequest',
  },
  'read.all-children': {
    says: 'getAllChildrenNumber counts the nodes on all levels below, of the root all but itself.',
    source: 'DataTree.getAllChildrenNumber',
  },
  'read.ephemerals': {
    says: 'getEphemerals lists the own session’s ephemerals that begin with the prefix, with no check at all.',
    source: 'FinalRequestProcessor.processRequest',
  },
  'read.who-am-i': {
    says: 'whoAmI lists scheme and user of each identity of the connection.',
    source: 'AuthUtil.getClientInfos',
  },
  'read.multi': {
    says: 'Each read of a multi-read is answered by itself and leaves no watch.',
    source: 'FinalRequestProcessor.processRequest',
  },
  'read.paths-unchecked': {
    says: 'The server does not judge the paths of reads: the empty path is the root, others are just missing.',
    source: 'FinalRequestProcessor.processRequest',
  },
  'path.absolute': {
    says: 'A path begins with a slash and is not empty.',
    source: 'PathUtils.validatePath',
  },
  'path.trailing-slash': {
    says: 'Only the root ends in a slash; a sequential path may, before its number.',
    source: 'PathUtils.validatePath',
  },
  'path.empty-name': {
    says: 'No name in a path is empty.',
    source: 'PathUtils.validatePath',
  },
  'path.dots': {
    says: 'A name in a path is neither . nor .. itself.',
    source: 'PathUtils.validatePath',
  },
  'path.characters': {
    says: 'A path holds no NUL, control characters, surrogates, private use characters or specials.',
    source: 'PathUtils.validatePath',
  },
} as const satisfies Record<`${string}.${string}`, Rule>;
