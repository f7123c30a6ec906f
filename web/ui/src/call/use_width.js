import { useEffect, useState } from 'preact/hooks';

/* The width of an element, pixels; 0 before it is there. */
export function useWidth(ref) {
	const [width, setWidth] = useState(0);

	useEffect(() => {
		const watch = new ResizeObserver(([e]) => setWidth(Math.floor(e.contentRect.width)));

		watch.observe(ref.current);
		return () => watch.disconnect();
	}, []);
	return width;
}
