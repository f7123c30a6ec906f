/* Two texts, line by line. Pure. */

/* Longer texts are not compared: the table has a cell for each two lines. */
const LINES_MAX = 1500;

function table(a, b) {
	const width = b.length + 1;
	const best = new Uint16Array((a.length + 1) * width);

	for (let i = a.length - 1; i >= 0; i--)
		for (let k = b.length - 1; k >= 0; k--)
			best[i * width + k] = a[i] === b[k] ? best[(i + 1) * width + k + 1] + 1 :
				Math.max(best[(i + 1) * width + k], best[i * width + k + 1]);
	return { best, width };
}

/* [{kind: same|gone|new, text}] of what became of lines a in b; null where they
 * are too many. */
export function diffLines(a, b) {
	const out = [];
	let i = 0;
	let k = 0;

	if (a.length > LINES_MAX || b.length > LINES_MAX)
		return null;
	const { best, width } = table(a, b);

	while (i < a.length || k < b.length) {
		if (i < a.length && k < b.length && a[i] === b[k]) {
			out.push({ kind: 'same', text: a[i] });
			i++;
			k++;
		} else if (k >= b.length ||
			   (i < a.length && best[(i + 1) * width + k] >= best[i * width + k + 1])) {
			out.push({ kind: 'gone', text: a[i++] });
		} else {
			out.push({ kind: 'new', text: b[k++] });
		}
	}
	return out;
}

/* The message that one is best compared with: what it is a copy of, else the
 * last before it of the same kind; null where there is none. */
export function comparedWith(messages, index) {
	const m = messages[index];

	if (!m)
		return null;
	if (m.copy_of !== null && m.copy_of < index)
		return m.copy_of;
	for (let i = index - 1; i >= 0; i--)
		if (messages[i].method === m.method && messages[i].status === m.status)
			return i;
	return null;
}
