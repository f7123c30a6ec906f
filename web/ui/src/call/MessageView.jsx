// One message: its text with headers and SDP coloured, its bytes, or what is
// different from the one before. What came off the wire is only ever text.
import { useState } from 'preact/hooks';
import { Time } from '../components/Time.jsx';
import { bytes } from '../core/format.js';
import { comparedWith, diffLines } from './message_diff.js';
import { coloured, hasBytes, hexDump, linesOf } from './message_text.js';
import { statusText } from './sip_names.js';

const views = [['text', 'Text'], ['diff', 'Changes'], ['hex', 'Bytes']];

function title(m) {
	return m.status === null ? m.method : `${statusText(m.status)} (${m.method})`;
}

export function MessageView({ call, texts, index, query, setQuery, why }) {
	const m = call.messages[index];
	const text = texts[index]?.text ?? null;
	const other = comparedWith(call.messages, index);
	const view = views.some(([key]) => key === query.view) ? query.view : 'text';
	const set = (patch) => setQuery(patch, { replace: true });

	return (
		<article class="message-view" aria-label={`Message ${index + 1}`}>
			<header>
				<h2>{title(m)}</h2>
				<span class="muted">{m.src} → {m.dst}, {m.transport.toUpperCase()},{' '}
					<Time value={m.time} />, {bytes(m.len)}</span>
				<Steps index={index} count={call.messages.length} set={set} />
			</header>
			{text === null ? <p class="no-text">{why}</p> : (
				<>
					<div class="view-tools" role="group" aria-label="How it is shown">
						{views.map(([key, words]) => (
							<button key={key} type="button" aria-pressed={key === view}
								disabled={key === 'diff' && other === null}
								title={key === 'diff' ? compareTitle(call, other) : undefined}
								onClick={() => set({ view: key === 'text' ? null : key })}>
								{words}
							</button>
						))}
						<Copy text={text} />
						{hasBytes(text) && <span class="muted">\xHH: a byte that is no
							text</span>}
					</div>
					<Body view={view} text={text} other={other} texts={texts} call={call} />
				</>
			)}
		</article>
	);
}

function compareTitle(call, other) {
	return other === null ? 'There is no message of this kind before it' :
		`Compared with message ${other + 1}, ${call.messages[other].src} → ` +
			call.messages[other].dst;
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

function Body({ view, text, other, texts, call }) {
	if (view === 'hex')
		return <pre class="wire-text" tabIndex={0}>{hexDump(text).join('\n')}</pre>;
	if (view === 'diff' && other !== null)
		return <Changes text={text} before={texts[other]?.text ?? null} other={other}
			call={call} />;
	return (
		<pre class="wire-text" tabIndex={0}>
			{coloured(text).map((line, i) => (
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

function Changes({ text, before, other, call }) {
	const lines = before === null ? null : diffLines(linesOf(before), linesOf(text));

	if (lines === null)
		return <p class="no-text">The two messages cannot be compared: {before === null ?
			'the text of the one before is not there' : 'they are too long'}.</p>;
	return (
		<>
			<p class="muted">Against message {other + 1}, {call.messages[other].src} →{' '}
				{call.messages[other].dst}:</p>
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
