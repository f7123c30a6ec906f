// Loads the page of the address and draws it.
import { useEffect, useState } from 'preact/hooks';
import { Empty, ErrorNote, Skeleton } from '../components/Notes.jsx';
import { useSlow } from '../components/useGet.js';
import { roleAtLeast } from '../pages/index.js';
import { useRouter } from './Router.jsx';
import { useSession } from './Session.jsx';

const nothing = { component: null, error: null };
const loaded = new Map();

/* Fetches a page's module; main does it before it knows who is there. */
export async function loadPage(page) {
	try {
		loaded.set(page.path, { component: (await page.load()).default, error: null });
	} catch (error) {
		loaded.set(page.path, { component: null, error });
	}
}

/* { component, error } of a page's module, component null until it is there. */
function usePage(page) {
	const [, draw] = useState(0);
	const known = page && loaded.get(page.path);

	useEffect(() => {
		if (page && !known)
			loadPage(page).then(() => draw((n) => n + 1));
	}, [page, known]);
	return known ?? nothing;
}

export function Page() {
	const { page, path, params, query, setQuery } = useRouter();
	const session = useSession();
	const { component: Component, error } = usePage(page);
	const waiting = Boolean(page) && Component === null && !error;
	const slow = useSlow(waiting);

	useEffect(() => {
		document.title = page ? `${page.title} · callscope` : 'callscope';
	}, [page]);
	if (!page)
		return <NoPage path={path} />;
	if (!roleAtLeast(session.role, page.role))
		return <NotYours role={page.role} />;
	if (error)
		return <NotLoaded page={page} />;
	if (waiting)
		return slow ? <Skeleton /> : null;
	return <Component params={params} query={query} setQuery={setQuery} />;
}

function NoPage({ path }) {
	return (
		<Empty title={`There is no page ${path}`}>
			<a href="/search">Go to the search</a>
		</Empty>
	);
}

function NotYours({ role }) {
	return (
		<Empty title={`This page is for the role ${role}`}>
			Log in as somebody who has it, or ask whoever gave you the login.
		</Empty>
	);
}

function NotLoaded({ page }) {
	const error = new Error(`The page ${page.title} could not be loaded.`);

	return (
		<ErrorNote error={error} again={() => location.reload()}>
			The server is not there, or it was updated meanwhile.
		</ErrorNote>
	);
}
