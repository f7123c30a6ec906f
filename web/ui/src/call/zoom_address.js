/* The zoomed range in the address: z=1200~2400, ms since the start. Pure. */

export function zoomText({ full, range }) {
	const same = range[0] === full[0] && range[1] === full[1];

	return same ? null : range.map((t) => String(Math.round(t))).join('~');
}

/* [from, to], null where the address has none that is a range. */
export function zoomOf(text) {
	const m = /^(-?\d+)~(-?\d+)$/.exec(text ?? '');

	return m && Number(m[1]) < Number(m[2]) ? [Number(m[1]), Number(m[2])] : null;
}
