// One message: its text with headers and SDP coloured, its bytes, or what is
// different from the one before. What came off the wire is only ever text.
import { useState } from 'preact/hooks';
import { Time } from '../components/Time.jsx';
import { bytes } from '../core/format.js';
import { comparedWith, diffLines } from './message_diff.js';
import { coloured, hasBytes, hexDump, linesOf } from './message_text.js';
import { sdpOf } from './sdp.js';
import { messageTitle } from './sip_names.js';

const views = [['text', 'Text'], ['sdp', 'SDP inside'], ['diff', 'Changes'], ['hex', 'Bytes']];

/* SDP is inside of JSON as one long line: it has a view of its own. */
function viewsOf(m, text) {
	const inside = m.method === null && text !== null && !text.startsWith('v=0') &&
		sdpOf(text) !== null;

	return views.filter(([key]) => key !== 'sdp' || inside);
}

export function MessageView({ rows, texts, index, query, setQuery, why }) {
	const m = rows[index];
	const text = texts[index]?.text ?? null;
	const other = comparedWith(rows, index);
	const here = viewsOf(m, text);
	const view = here.some(([key]) => key === query.view) ? query.view : 'text';
	const set = (patch) => setQuery(patch, { replace: true });

	return (
		<article class="message-view" aria-label={`Message ${index + 1}`}>
			<header>
				<h2>{messageTitle(m)}</h2>
				<span class="muted">{m.src} → {m.dst}, {m.transport.toUpperCase()},{' '}
					<Time value={m.time} />, {bytes(m.len)}</span>
				<Steps index={index} count={rows.length} set={set} />
			</header>
			{text === null ? <p class="no-text">{why}</p> : (
				<>
					<div class="view-tools" role="group" aria-label="How it is shown">
						{here.map(([key, words]) => (
							<button key={key} type="button" aria-pressed={key === view}
								disabled={key === 'diff' && other === null}
								title={key === 'diff' ? compareTitle(rows, other) : undefined}
								onClick={() => set({ view: key === 'text' ? null : key })}>
								{words}
							</button>
						))}
						<Copy text={text} />
						{hasBytes(text) && <span class="muted">\xHH: a byte that is no
							text</span>}
					</div>
					<Body view={view} text={text} other={other} texts={texts}
						rows={rows} />
				</>
			)}
		</article>
	);
}

function compareTitle(rows, other) {
	return other === null ? 'There is no message of this kind before it' :
		`Compared with message ${other + 1}, ${rows[other].src} → ` +
			rows[other].dst;
}

function Steps({ index, count, set }) {
	return (
		<span class="steps">
			<button type="button" disabled={index === 0} aria-label="Message before (k)"
				title="Message before (k)" onClick={() => set({ m: index - 1 })}>‹</button>
			<span class="muted">{index + 1} of {count}</span>
			<button type="button" disabled={index === count - 1} aria-label="Next message (j)"
				title="Next message (j)" onClick={() => set({ m: index + 1 })}>›</button>
			<button type="button" aria-label="Close the message" title="Close (Esc)"
				onClick={() => set({ m: null })}>×</button>
		</span>
	);
}

function Copy({ text }) {
	const [said, setSaid] = useState('Copy');

	async function copy() {
		try {
			await navigator.clipboard.writeText(text);
			setSaid('Copied');
		} catch {
			setSaid('Mark the text and copy it');
		}
		setTimeout(() => setSaid('Copy'), 2500);
	}
	return <button type="button" onClick={copy}><span aria-live="polite">{said}</span></button>;
}

function Body({ view, text, other, texts, rows }) {
	if (view === 'hex')
		return <pre class="wire-text" tabIndex={0}>{hexDump(text).join('\n')}</pre>;
	if (view === 'diff' && other !== null)
		return <Changes text={text} before={texts[other]?.text ?? null} other={other}
			rows={rows} />;
	return (
		<pre class={`wire-text${/^\s*[{[<]/.test(text) ? ' long' : ''}`} tabIndex={0}>
			{coloured(view === 'sdp' ? sdpOf(text) : text).map((line, i) => (
				<span key={i} class={`line ${line.kind}`}>
					{line.pieces.map((p, k) => p.cls ? <span key={k} class={p.cls}>{p.text}</span> :
						p.text)}
					{'\n'}
				</span>
			))}
		</pre>
	);
}

const signs = { same: '  ', gone: '− ', new: '+ ' };

function Changes({ text, before, other, rows }) {
	const lines = before === null ? null : diffLines(linesOf(before), linesOf(text));

	if (lines === null)
		return <p class="no-text">The two messages cannot be compared: {before === null ?
			'the text of the one before is not there' : 'they are too long'}.</p>;
	return (
		<>
			<p class="muted">Against message {other + 1}, {rows[other].src} →{' '}
				{rows[other].dst}:</p>
			<pre class="wire-text" tabIndex={0}>
				{lines.map((l, i) => (
					<span key={i} class={`line diff-${l.kind}`}>
						{signs[l.kind]}{l.text}{'\n'}
					</span>
				))}
			</pre>
		</>
	);
}
