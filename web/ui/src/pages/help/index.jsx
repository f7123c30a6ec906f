// What the keys, the box, the numbers and the roles are.
import { useEffect } from 'preact/hooks';
import { searchHref } from '../../core/router.js';
import { KeyTable } from '../../shell/Shortcuts.jsx';
import { callPage, flagTable, keys, live, numbers, roles, words } from './text.js';

export default function Help() {
	/* The page is there only now: the browser has looked for #search before. */
	useEffect(() => {
		const id = decodeURIComponent(location.hash.slice(1));

		if (id)
			document.getElementById(id)?.scrollIntoView();
	}, []);
	return (
		<div class="page help">
			<h1>Help</h1>
			<nav class="inside" aria-label="On this page">
				<a href="#search">Search</a> <a href="#keys">Keys</a>{' '}
				<a href="#numbers">Numbers</a> <a href="#call">Call</a>{' '}
				<a href="#live">Live calls</a> <a href="#flags">Flags</a>{' '}
				<a href="#roles">Roles</a> <a href="/api/v1/openapi.json">API</a>
			</nav>
			<Search />
			<section id="keys">
				<h2>Keys</h2>
				<KeyTable />
			</section>
			<Numbers />
			<section id="call">
				<h2>A call's page</h2>
				<Rows rows={callPage} />
			</section>
			<Live />
			<section id="flags">
				<h2>Flags</h2>
				<p>What callscope found out about a call, worst first; errors are red. The
					sentence behind each is on the call's page. <code>diag:CODE</code> finds the
					calls with one.</p>
				<Rows rows={flagTable()} />
			</section>
			<section id="roles">
				<h2>Roles</h2>
				<Rows rows={roles} />
			</section>
		</div>
	);
}

function Search() {
	return (
		<section id="search">
			<h2>The search box</h2>
			<p>Words are separated by blanks, and all must hold. A minus in front negates,
				quotes keep blanks together, values with commas are alternatives.</p>
			<h3>Words without a key</h3>
			<Rows rows={words} examples />
			<h3>Keys</h3>
			<p>Text is <code>key:value</code>; numbers are also <code>key&lt;3</code> and{' '}
				<code>key&gt;3</code>. Of both sides the worse one counts.</p>
			<Rows rows={keys} examples />
		</section>
	);
}

function Numbers() {
	return (
		<section id="numbers">
			<h2>What the numbers mean</h2>
			<p><span class="side-a">a is the caller, left and blue</span>;{' '}
				<span class="side-b">b the callee, right and amber</span>. In a session, a made
				the offer. A figure of a side is that of the audio it sends, measured where it
				passed the tap first: what it sent was lost, or not, on the way to the tap.</p>
			<Rows rows={numbers} />
		</section>
	);
}

function Live() {
	return (
		<section id="live">
			<h2>Live calls and the health line</h2>
			<Rows rows={live} />
		</section>
	);
}

/* [[what, sentence]]; examples lead to a search. */
function Rows({ rows, examples }) {
	return (
		<table class="plain">
			<tbody>
				{rows.map(([what, sentence]) => (
					<tr key={what}>
						<th scope="row">
							{examples ? <a href={searchHref(what)}><code>{what}</code></a> : what}
						</th>
						<td>{sentence}</td>
					</tr>
				))}
			</tbody>
		</table>
	);
}
