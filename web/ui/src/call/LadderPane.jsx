// The ladder of the call with its tools.
import { useMemo } from 'preact/hooks';
import { Menu } from '../components/Menu.jsx';
import { useNarrow } from '../components/useNarrow.js';
import { host } from './facts.js';
import { Ladder } from './Ladder.jsx';
import { filterOf, ladderLayout, methodsOf, openOf } from './ladder_layout.js';
import { clocks } from './ladder_text.js';
import { tagsOfText } from './message_text.js';
import { chosenMessage } from './use_call_keys.js';

/* Tags of a message's text, null where there is none to be had. */
function tagsFrom(texts) {
	return (index) => texts?.[index]?.text ? tagsOfText(texts[index].text) : null;
}

export function clockMode(query) {
	return clocks.some(([key]) => key === query.clock) ? query.clock : 'rel';
}

export function LadderPane({ call, time, timeline, texts, rows, query, setQuery }) {
	const { method, dialog, open } = query;
	const layout = useMemo(() => ladderLayout(call, {
		timeline, filter: filterOf(query), open: openOf(query), tagsOf: tagsFrom(texts),
	}), [call, timeline, texts, method, dialog, open]);

	function choose(index) {
		setQuery({ m: index, tab: 'messages' }, { replace: true });
	}
	function fold(id) {
		const ids = openOf(query);

		if (!ids.delete(id))
			ids.add(id);
		setQuery({ open: [...ids].join(',') || null }, { replace: true });
	}
	return (
		<section class="call-ladder" aria-label="Ladder">
			<Tools call={call} query={query} setQuery={setQuery} />
			<Ladder layout={layout} mode={clockMode(query)} time={time}
				chosen={call.messages.length > 0 ? chosenMessage(rows, query) : null}
				onChoose={choose} onFold={fold}
				onOffer={() => setQuery({ tab: 'offers' }, { replace: true })}
				narrow={useNarrow()} />
			{layout.rows.length === 0 && <p class="muted">No message passes the filter.</p>}
		</section>
	);
}

function Tools({ call, query, setQuery }) {
	const set = (patch) => setQuery(patch, { replace: true });

	return (
		<div class="ladder-tools">
			<Clocks mode={clockMode(query)} set={set} />
			{call.messages.length > 0 && <Methods call={call} query={query} set={set} />}
			{call.dialogs.length > 1 && <Dialogs call={call} query={query} set={set} />}
			{(query.method || query.dialog) && (
				<button type="button" onClick={() => set({ method: null, dialog: null })}>
					Show all
				</button>
			)}
		</div>
	);
}

function Clocks({ mode, set }) {
	return (
		<label class="clocks">
			<span class="muted">Times</span>
			<select value={mode} onChange={(e) => set({ clock: e.currentTarget.value === 'rel' ?
				null : e.currentTarget.value })}>
				{clocks.map(([key, words]) => <option key={key} value={key}>{words}</option>)}
			</select>
		</label>
	);
}

function Methods({ call, query, set }) {
	const { methods } = filterOf(query);
	const all = methodsOf(call);

	function toggle(name) {
		const next = new Set(methods ?? []);

		if (!next.delete(name))
			next.add(name);
		set({ method: [...next].join(',') || null });
	}
	return (
		<Menu label={methods ? [...methods].join(', ') : 'All methods'}
			title="Which messages are drawn">
			<fieldset class="methods">
				<legend>Only messages of</legend>
				{all.map(([name, count]) => (
					<label key={name}>
						<input type="checkbox" checked={methods?.has(name) ?? false}
							onChange={() => toggle(name)} />
						{name} <span class="muted">{count}</span>
					</label>
				))}
			</fieldset>
		</Menu>
	);
}

function Dialogs({ call, query, set }) {
	return (
		<label>
			<span class="hidden-text">Dialog</span>
			<select value={query.dialog ?? ''}
				onChange={(e) => set({ dialog: e.currentTarget.value || null })}>
				<option value="">All dialogs</option>
				{call.dialogs.map((d, n) => (
					<option key={n} value={String(n + 1)}>
						{n + 1}: {host(d.callee_addr) ?? d.callee_tag ?? 'no tag'}{' '}
						{d.status ?? ''}
					</option>
				))}
			</select>
		</label>
	);
}
