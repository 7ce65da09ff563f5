/** An attachment that tells once that its element has come into sight. */
export function whenSeen(seen: () => void): (element: Element) => () => void {
  return (element) => {
    const observer = new IntersectionObserver((entries) => {
      if (entries.some(({ isIntersecting }) => isIntersecting)) seen();
    });
    observer.observe(element);
    return () => observer.disconnect();
  };
}
