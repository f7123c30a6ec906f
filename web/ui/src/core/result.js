// The calls of the last search, so that a call's page knows its neighbours.
// Kept for the tab (sessionStorage), as a reload must not lose it.

const KEY = 'callscope.result';
const MOST = 2000;

function store() {
	try {
		return sessionStorage;
	} catch {
		return null;
	}
}

/* href: the search's address; uids in the order shown. */
export function rememberResult(href, uids) {
	try {
		store()?.setItem(KEY, JSON.stringify({ href, uids: uids.slice(0, MOST) }));
	} catch {
		/* full or forbidden: no neighbours then */
	}
}

/* { href, uids } of the last search, null where there was none. */
export function rememberedResult() {
	try {
		const kept = JSON.parse(store()?.getItem(KEY) ?? 'null');

		return Array.isArray(kept?.uids) ? kept : null;
	} catch {
		return null;
	}
}

/* Where a call is among them: { before, after (uids or null), at (from 1 on),
 * of, href }; null when it is not there. Pure. */
export function neighbours(result, uid) {
	const at = result?.uids.indexOf(uid) ?? -1;

	if (at < 0)
		return null;
	return {
		before: result.uids[at - 1] ?? null, after: result.uids[at + 1] ?? null,
		at: at + 1, of: result.uids.length, href: result.href,
	};
}
