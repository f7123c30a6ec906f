// The dashboard: how many calls, how good, over any range of time; each count
// is a link to its calls.
import { useEffect, useRef } from 'preact/hooks';
import { Empty, ErrorNote, Skeleton } from '../../components/Notes.jsx';
import { Time } from '../../components/Time.jsx';
import { TimeRange } from '../../components/TimeRange.jsx';
import { useGet } from '../../components/useGet.js';
import { askedOf, beginOf, isEmpty, rangeOf, rangeQuery, shownRange } from '../../core/dashboard.js';
import { Groups, Failures } from './Groups.jsx';
import { Histograms } from './Histograms.jsx';
import { Back, Series } from './Series.jsx';
import { Tiles } from './Tiles.jsx';
import { Words } from './Words.jsx';

export default function Dashboard({ query, setQuery }) {
	const q = query.q ?? '';
	const { from, to } = rangeOf(query);
	const stats = useFigures(q, from, to, query.from === 'all');

	return (
		<div class="page dashboard">
			<div class="controls">
				<h1>Dashboard</h1>
				<Words q={q} error={stats.error} onChange={(text) => setQuery({ q: text })} />
				<TimeRange {...shownRange({ from, to })} onChange={(range) =>
					setQuery({ ...rangeQuery(range), was: null })} />
			</div>
			<Progress stats={stats} />
			<Body stats={stats} q={q} query={query} setQuery={setQuery} />
		</div>
	);
}

/* Of all time: what a first answer says is when it began, which is looked at
 * closer then. */
function useFigures(q, from, to, all) {
	const whole = useGet('/stats', { q, from, to });
	const begin = all && whole.data?.complete ? beginOf(whole.data) : null;
	const closer = useGet(begin && '/stats', { q, from: begin, to }, { fresh: true });

	return begin && (closer.data || closer.error) ? closer : whole;
}

/* Asks again while the server has not looked at everything: it goes on where
 * it was. */
function useGoingOn({ data, loading, again }) {
	const last = useRef({ covered: null, still: 0 });
	const going = Boolean(data) && !data.complete && last.current.still < 3;

	useEffect(() => {
		const seen = last.current;

		if (!data || data.complete || loading) {
			if (data?.complete)
				last.current = { covered: null, still: 0 };
			return undefined;
		}
		seen.still = seen.covered === data.covered_from ? seen.still + 1 : 0;
		seen.covered = data.covered_from;
		if (seen.still >= 3)
			return undefined;
		const timer = setTimeout(again, 200);

		return () => clearTimeout(timer);
	}, [data, loading]);
	return going;
}

function Progress({ stats }) {
	const going = useGoingOn(stats);

	if (!stats.data || stats.data.complete)
		return null;
	return (
		<p class="progress" role="status">
			Counted back to <Time value={stats.data.covered_from} show="both" ms={false} />
			{going ? ', counting on …' : '. The figures are of that time alone. '}
			{!going && <button type="button" onClick={stats.again}>Count further</button>}
		</p>
	);
}

function Body({ stats, q, query, setQuery }) {
	const { data, error, slow, again } = stats;

	if (error && error.code !== 'bad_query')
		return <ErrorNote error={error} again={again} />;
	if (!data)
		return slow ? <Skeleton rows={12} /> : null;
	if (isEmpty(data) && data.complete)
		return <Nothing query={query} setQuery={setQuery} />;
	const asked = askedOf(data, q);

	return (
		<div class={slow ? 'waits' : ''}>
			<Tiles stats={data} asked={asked} />
			<Series stats={data} query={query} setQuery={setQuery} />
			<Histograms stats={data} asked={asked} />
			<div class="tables">
				<Failures stats={data} asked={asked} />
				<Groups stats={data} asked={asked} query={query} setQuery={setQuery} />
			</div>
		</div>
	);
}

function Nothing({ query, setQuery }) {
	return (
		<Empty title="No calls in this time">
			{query.was !== undefined && <>Go <Back query={query} setQuery={setQuery} />. </>}
			Choose a longer range, or <button type="button" class="link"
				onClick={() => setQuery({ from: 'all', to: null, was: null })}>
				look at all time</button>. If there should be calls, the line about
			the tap in the header says whether packets arrive.
		</Empty>
	);
}
