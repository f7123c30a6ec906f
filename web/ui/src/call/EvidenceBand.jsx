// The part of time that a finding points at, over all panels of a box.
import { useLayoutEffect, useRef } from 'preact/hooks';
import { GUTTER, xOf } from './axis.js';

export function EvidenceBand({ time }) {
	const band = useRef(null);

	useLayoutEffect(() => {
		const place = () => put(band.current, time.get());
		const seen = new ResizeObserver(place);
		const ended = time.subscribe((state, changed) =>
			(changed.evidence || changed.range) && place());

		seen.observe(band.current.parentElement);
		place();
		return () => {
			ended();
			seen.disconnect();
		};
	}, [time]);
	return <i class="evidence-band" ref={band} hidden />;
}

function put(band, { evidence, range }) {
	const width = band.parentElement.clientWidth;
	const there = evidence?.from !== undefined && evidence.from <= range[1] &&
		(evidence.to ?? evidence.from) >= range[0];

	band.hidden = !there;
	if (!there)
		return;
	const left = Math.max(GUTTER.left, xOf(evidence.from, range, width));
	const right = Math.min(width - GUTTER.right,
		xOf(evidence.to ?? evidence.from, range, width));

	band.style.left = `${left}px`;
	band.style.width = `${Math.max(2, right - left)}px`;
}
