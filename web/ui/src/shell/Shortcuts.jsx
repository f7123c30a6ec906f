// The keys that work everywhere, and the list of them that ? shows.
import { useEffect, useRef, useState } from 'preact/hooks';
import { useKeys } from './Keys.jsx';
import { useRouter } from './Router.jsx';

export const keyList = [
	['/', 'to the search box'],
	['j, k', 'next row, row before; in a call its messages'],
	['n, p', 'in a call: next, previous call of the search'],
	['Enter', 'open the row'],
	['Esc', 'close what is open; back'],
	['?', 'this list'],
];

export function KeyTable() {
	return (
		<table class="keys">
			<tbody>
				{keyList.map(([key, what]) => (
					<tr key={key}>
						<th scope="row">{key.split(', ').map((k) => <kbd key={k}>{k}</kbd>)}</th>
						<td>{what}</td>
					</tr>
				))}
			</tbody>
		</table>
	);
}

/* The page's search box has the attribute data-search. */
function focusSearch(navigate) {
	const box = document.querySelector('[data-search]');

	if (box) {
		box.focus();
		box.select?.();
	} else {
		navigate('/search');
	}
}

export function Shortcuts() {
	const { navigate, path } = useRouter();
	const [open, setOpen] = useState(false);

	useKeys({
		'/': () => focusSearch(navigate),
		'?': () => setOpen(true),
		Escape: (event) => {
			if (event.target.matches?.('input, select, textarea'))
				event.target.blur();
			else if (path !== '/search' && history.length > 1)
				history.back();
			else
				return false;
			return true;
		},
	});
	return open && <Overlay close={() => setOpen(false)} />;
}

function Overlay({ close }) {
	const dialog = useRef(null);

	useEffect(() => dialog.current.showModal(), []);
	return (
		<dialog ref={dialog} class="overlay" aria-labelledby="keys-title" onClose={close}
			onKeyDown={(event) => event.stopPropagation()}
			onClick={(event) => event.target === dialog.current && dialog.current.close()}>
			<h2 id="keys-title">Keys</h2>
			<KeyTable />
			<p><a href="/help" onClick={() => dialog.current.close()}>Search words, numbers and roles</a></p>
			<button type="button" autofocus onClick={() => dialog.current.close()}>Close</button>
		</dialog>
	);
}
