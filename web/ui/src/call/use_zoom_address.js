import { useEffect, useRef } from 'preact/hooks';
import { zoomOf, zoomText } from './zoom_address.js';

const REST_MS = 250;

/* Puts the zoomed range into the address once the hand rests, and takes it from
 * there when the page opens. */
export function useZoomAddress(time, query, setQuery) {
	const now = useRef(null);

	now.current = (z) => z !== (query.z ?? null) && setQuery({ z }, { replace: true });
	useEffect(() => {
		const range = zoomOf(query.z);
		let timer = 0;

		if (range)
			time.setRange(...range);
		const stop = time.subscribe((state, changed) => {
			if (!changed.range)
				return;
			clearTimeout(timer);
			timer = setTimeout(() => now.current(zoomText(state)), REST_MS);
		});

		return () => {
			clearTimeout(timer);
			stop();
		};
	}, [time]);
}
