/* A JSON value as lines that fold, and what a search finds in it. Pure. */

export function isBranch(v) {
	return v !== null && typeof v === 'object';
}

/* "[3]" or "{12}" for what is folded. */
export function sizeText(v) {
	return Array.isArray(v) ? `[${v.length}]` : `{${Object.keys(v).length}}`;
}

/* Paths ("a.codecs.0") whose name or plain value holds the text, any case, and
 * the branches that lead to them. */
export function searchTree(value, text) {
	const wanted = text.toLowerCase();
	const hits = new Set();
	const open = new Set();

	function walk(v, path, name) {
		let inside = false;
		const here = String(name).toLowerCase().includes(wanted) ||
			(!isBranch(v) && String(v).toLowerCase().includes(wanted));

		if (isBranch(v))
			for (const [key, child] of Object.entries(v))
				inside = walk(child, path === '' ? key : `${path}.${key}`, key) || inside;
		if (here && path !== '')
			hits.add(path);
		if (inside)
			open.add(path);
		return here || inside;
	}
	if (wanted !== '')
		walk(value, '', '');
	return { hits, open };
}
