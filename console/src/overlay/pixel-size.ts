import { useEffect, useState, type RefObject } from 'react';

/** How many image pixels one pixel of the screen is, of an image of so many pixels that fits its element. */
export function usePixelSize(
  ref: RefObject<SVGSVGElement | null>,
  width: number,
  height: number,
): number {
  const [shown, setShown] = useState<{ readonly width: number; readonly height: number }>();
  useEffect(() => {
    const element = ref.current;
    if (!element) return undefined;
    const observer = new ResizeObserver(([entry]) => setShown(entry?.contentRect));
    observer.observe(element);
    return () => observer.disconnect();
  }, [ref]);
  // Not laid out yet.
  if (!shown || shown.width < 1) return 1;
  return Math.max(width / Math.max(1, shown.width), height / Math.max(1, shown.height));
}
