/** Data directories: opening, exporting, and looking into them. */
export {
  DATA_DIR_MAX,
  exportDataDir,
  isDataDirFile,
  openDataDir,
  zipFiles,
  type NamedFile,
  type OpenedDataDir,
} from './files.ts';
export { inspectFile, type Inspection } from './inspect.ts';
export { scenarioOfDataDir } from './scenario.ts';
