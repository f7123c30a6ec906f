// useKeys({ j: ..., Escape: ... }): keys while a component is there.
import { createContext } from 'preact';
import { useContext, useEffect, useMemo, useRef } from 'preact/hooks';
import { createKeys } from '../core/keys.js';

const Context = createContext(null);

export function Keys({ children }) {
	const keys = useMemo(createKeys, []);

	useEffect(() => {
		const pressed = (event) => keys.press(event);

		document.addEventListener('keydown', pressed);
		return () => document.removeEventListener('keydown', pressed);
	}, []);
	return <Context.Provider value={keys}>{children}</Context.Provider>;
}

/* The handlers may be new at each drawing; which keys there are may not. */
export function useKeys(handlers) {
	const keys = useContext(Context);
	const now = useRef(handlers);

	now.current = handlers;
	useEffect(() => keys.add(Object.fromEntries(Object.keys(handlers).map(
		(key) => [key, (event) => now.current[key](event)]))), []);
}
