// The address bar as state: useRouter() has path, page, params, query, and
// goes elsewhere; plain <a href> inside of the app need nothing more.
import { createContext } from 'preact';
import { useCallback, useContext, useEffect, useMemo, useState } from 'preact/hooks';
import { formatQuery, isInside, matchPath, parseQuery, patchQuery }
	from '../core/router.js';
import { pages } from '../pages/index.js';

const Context = createContext(null);

export function useRouter() {
	return useContext(Context);
}

function here() {
	return {
		path: location.pathname,
		search: location.search,
		state: history.state,
	};
}

function linkOf(event) {
	const a = event.target.closest?.('a[href]');

	if (!a || a.target || a.hasAttribute('download'))
		return null;
	return new URL(a.href);
}

export function Router({ children }) {
	const [at, setAt] = useState(here);

	const navigate = useCallback((to, { replace = false, state = null } = {}) => {
		history[replace ? 'replaceState' : 'pushState'](state, '', to);
		setAt(here());
	}, []);

	useEffect(() => {
		const moved = () => setAt(here());
		const clicked = (event) => {
			const url = linkOf(event);

			if (!url || !isInside(url, location.origin, event))
				return;
			if (url.pathname === location.pathname &&
			    url.search === location.search && url.hash)
				return;
			event.preventDefault();
			navigate(url.pathname + url.search + url.hash);
		};

		addEventListener('popstate', moved);
		document.addEventListener('click', clicked);
		return () => {
			removeEventListener('popstate', moved);
			document.removeEventListener('click', clicked);
		};
	}, []);

	const value = useMemo(() => {
		const query = parseQuery(at.search);
		const setQuery = (patch, options) =>
			navigate(at.path + formatQuery(patchQuery(query, patch)), options);

		return { ...at, ...matchPath(at.path, pages), query, setQuery, navigate };
	}, [at]);

	return <Context.Provider value={value}>{children}</Context.Provider>;
}
