// Calls that belong together, and two of them side by side on one time axis.
import { useMemo } from 'preact/hooks';
import { Empty, ErrorNote, Skeleton } from '../components/Notes.jsx';
import { Time } from '../components/Time.jsx';
import { useGet } from '../components/useGet.js';
import { useNarrow } from '../components/useNarrow.js';
import { duration, hostOf, mosWithScale } from '../core/format.js';
import { callHref } from '../core/router.js';
import { headline } from './headline.js';
import { Ladder } from './Ladder.jsx';
import { layoutTogether } from './ladder_layout.js';
import { clockMode } from './LadderPane.jsx';
import { legDifferences, shiftOf } from './legs.js';

export function LegsPanel({ call, uid, time, legs, query, setQuery }) {
	const { data, error, slow, again } = legs;
	const others = (data?.calls ?? []).filter((r) => r.uid !== uid);
	const beside = others.some((r) => r.uid === query.leg) ? query.leg : others[0]?.uid;

	if (error)
		return <ErrorNote error={error} again={again} />;
	if (!data)
		return slow ? <Skeleton rows={4} /> : null;
	if (others.length === 0)
		return (
			<Empty title="No other leg was seen">
				This call names a group, but no other call of it is in the store.
			</Empty>
		);
	return (
		<div class="legs">
			<Beside key={beside} call={call} other={beside} time={time} query={query}>
				<List calls={data.calls} uid={uid} beside={beside}
					choose={(leg) => setQuery({ leg }, { replace: true })} />
			</Beside>
		</div>
	);
}

function List({ calls, uid, beside, choose }) {
	return (
		<div class="scroll-x">
			<table class="plain">
				<thead>
					<tr><th>Leg</th><th>Start</th><th>From</th><th>To</th>
						<th class="right">Duration</th><th class="right">Status</th>
						<th>Codec</th><th>MOS a│b</th></tr>
				</thead>
				<tbody>
					{calls.map((r, i) => (
						<tr key={r.uid} class={r.uid === beside ? 'chosen' : ''}>
							<td>{r.uid === uid ? `${i + 1}, this one` : (
								<button type="button" aria-pressed={r.uid === beside}
									onClick={() => choose(r.uid)}>
									{i + 1}, beside this</button>)}</td>
							<td><a href={callHref(r.uid)}><Time value={r.start} /></a></td>
							<td class="side-a">{r.caller_user ?? hostOf(r.caller_addr)}</td>
							<td class="side-b">{r.callee_user ?? hostOf(r.callee_addr)}</td>
							<td class="right">{duration(r.duration_ms)}</td>
							<td class="right">{r.status ?? '–'}</td>
							<td>{codecsOf(r)}</td>
							<td>{mosWithScale(r.a_mos_adaptive, r.a_mos_scale)}│{mosWithScale(
								r.b_mos_adaptive, r.b_mos_scale)}</td>
						</tr>
					))}
				</tbody>
			</table>
		</div>
	);
}

/* The list stands before the comparison, which has to be fetched. */
function Beside({ call, other, time, query, children }) {
	const { data, error, slow, again } = useGet(`/calls/${encodeURIComponent(other)}`);

	return (
		<>
			<div class="legs-top">
				{children}
				{data && <Differences one={call} other={data} />}
			</div>
			{error && <ErrorNote error={error} again={again} />}
			{!data && !error && slow && <Skeleton rows={8} />}
			{data && <Ladders one={call} other={data} time={time} mode={clockMode(query)} />}
		</>
	);
}

function codecsOf(row) {
	return [...new Set([row.a_codec, row.b_codec].filter(Boolean))].join('/');
}

const sides = { a: 'caller', b: 'callee' };

function Differences({ one, other }) {
	const rows = legDifferences(one, other);

	return (
		<table class="plain differences">
			<caption>Their moments, and what differs</caption>
			<thead>
				<tr><th /><th>this leg</th><th>the other</th><th /></tr>
			</thead>
			<tbody>
				{rows.map((r, i) => (
					<tr key={i}>
						<th scope="row">{r.side && <span class={`side-${r.side}`}>
							{sides[r.side]} </span>}{r.what}</th>
						<td>{r.one}</td><td>{r.other}</td><td class="muted">{r.note}</td>
					</tr>
				))}
			</tbody>
		</table>
	);
}

/* Both ladders have the same rows' places: a moment is one height in both. */
function Ladders({ one, other, time, mode }) {
	const narrow = useNarrow();
	const { ladders, ...axis } = useMemo(() => layoutTogether([
		{ record: one }, { record: other, shift: shiftOf(one, other) },
	]), [one, other]);

	return (
		<div class="both-ladders">
			{[one, other].map((record, n) => (
				<section key={record.uid} aria-label={n === 0 ? 'This leg' : 'The other leg'}>
					<h3>{n === 0 ? 'This leg' : <a href={callHref(record.uid)}>The other
						leg</a>}: {headline(record)}</h3>
					<Ladder layout={{ ...axis, ...ladders[n] }} mode={mode} time={time}
						narrow={narrow} label={n === 0 ? 'This leg' : 'The other leg'} />
				</section>
			))}
		</div>
	);
}
