// Addresses: /PAGE, /PAGE/ARGUMENT, and the state of the page in the query.
// Pure; shell/Router.jsx ties it to the browser.

/* Values of a query as an object of text; of a name given twice the last. */
export function parseQuery(search) {
	return Object.fromEntries(new URLSearchParams(search));
}

/* Text of an object's values, in its order; null, undefined and '' are left
 * out, so that a page without state has an address without "?". */
export function formatQuery(query) {
	const params = new URLSearchParams();

	for (const [name, value] of Object.entries(query)) {
		if (value !== null && value !== undefined && value !== '')
			params.set(name, String(value));
	}
	/* ":" and "," are readable in an address, and allowed there. */
	const text = params.toString().replace(/%3A/g, ':').replace(/%2C/g, ',');

	return text ? `?${text}` : '';
}

/* A query with some values replaced; null removes one. */
export function patchQuery(query, patch) {
	const next = { ...query, ...patch };

	for (const name of Object.keys(next)) {
		if (next[name] === null || next[name] === undefined || next[name] === '')
			delete next[name];
	}
	return next;
}

/* { page, params } of a path, page null where there is none. "/" is the
 * first page. */
export function matchPath(path, pages) {
	const [first, argument, ...more] = path.split('/').filter(Boolean)
		.map(decodeSafely);
	const page = first === undefined ? pages[0] :
		pages.find((p) => p.path === first);

	if (!page || more.length > 0)
		return { page: null, params: {} };
	return { page, params: { id: argument ?? null } };
}

function decodeSafely(part) {
	try {
		return decodeURIComponent(part);
	} catch {
		return part;
	}
}

export function href(path, query = {}) {
	return path + formatQuery(query);
}

/* The page that shows a call. */
export function callHref(uid, query = {}) {
	return href(`/call/${encodeURIComponent(uid)}`, query);
}

/* The calls that a search finds. */
export function searchHref(q, more = {}) {
	return href('/search', { q, ...more });
}

/* Where a click on a link shall stay inside: a plain left click on an address
 * of this origin that is a page and no file. */
export function isInside(url, origin, event) {
	if (event.defaultPrevented || event.button !== 0 || event.metaKey ||
	    event.ctrlKey || event.shiftKey || event.altKey)
		return false;
	return url.origin === origin && !url.pathname.startsWith('/api/') &&
		!url.pathname.startsWith('/assets/');
}
