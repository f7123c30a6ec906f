// Who is logged in: { user, role, csrf, masked, audio, expires }.
import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import { ErrorNote } from '../components/Notes.jsx';
import { useGet } from '../components/useGet.js';
import { roleAtLeast } from '../pages/index.js';

const Context = createContext(null);

export function useSession() {
	return useContext(Context);
}

/* Whether who is logged in may what this role may. */
export function useMay(role) {
	return roleAtLeast(useSession().role, role);
}

export function Session({ children }) {
	const { data, error, again } = useGet('/session');

	if (error)
		return <ErrorNote error={error} again={again} />;
	return data && <Context.Provider value={data}>{children}</Context.Provider>;
}
