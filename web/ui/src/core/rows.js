// Which rows of a long table are drawn. Pure.

/* The rows first..last (exclusive) that a window of `height` shows, and `over`
 * more on both sides; `before` is the height of those above, `total` of all. */
export function visible({ top, height, rowHeight, count, over = 8 }) {
	const total = count * rowHeight;
	const at = Math.max(0, Math.min(top, total - height));
	const first = Math.max(0, Math.floor(at / rowHeight) - over);
	const last = Math.min(count, Math.ceil((at + height) / rowHeight) + over);

	return { first, last, before: first * rowHeight, total };
}

/* Where to scroll so that a row is seen whole; `top` where it is already. */
export function scrollTo({ row, top, height, rowHeight }) {
	const at = row * rowHeight;

	if (at < top)
		return at;
	if (at + rowHeight > top + height)
		return Math.max(0, at + rowHeight - height);
	return top;
}

/* The row a key leads to. */
export function step(cursor, by, count) {
	if (count === 0)
		return -1;
	return Math.max(0, Math.min(count - 1, cursor + by));
}
