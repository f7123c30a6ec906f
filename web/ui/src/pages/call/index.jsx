// A call: what happened in words, the ladder, and everything about it. What is
// chosen (tab, message, leg, filters) is in the address.
import { useMemo } from 'preact/hooks';
import { ErrorNote, Skeleton } from '../../components/Notes.jsx';
import { useGet } from '../../components/useGet.js';
import { axisLength } from '../../call/facts.js';
import { findings } from '../../call/findings.js';
import { Findings } from '../../call/Findings.jsx';
import { Head } from '../../call/Head.jsx';
import { LadderPane } from '../../call/LadderPane.jsx';
import { Panels } from '../../call/Panels.jsx';
import { descriptions } from '../../call/sdp_model.js';
import { createTime, unixMs } from '../../call/time.js';
import { messageRows, useCallKeys } from '../../call/use_call_keys.js';
import { useZoomAddress } from '../../call/use_zoom_address.js';
import { useTimeline } from '../../call/use_timeline.js';
import { useSession } from '../../shell/Session.jsx';

export default function CallPage({ params, query, setQuery }) {
	const uid = params.id;
	const path = `/calls/${encodeURIComponent(uid ?? '')}`;
	const { data, error, slow, again } = useGet(uid === null ? null : path, {},
		{ fresh: true });

	if (error || uid === null)
		return <NoCall error={error} again={again} />;
	if (!data)
		return slow ? <Skeleton rows={12} /> : null;
	return <Call key={uid} uid={uid} call={data} query={query} setQuery={setQuery} />;
}

function NoCall({ error, again }) {
	const missing = error === null || error.status === 404;

	return (
		<ErrorNote error={missing ? new Error('This call is not in the store') : error}
			again={missing ? null : again}>
			{missing && <p>It may be older than what is kept, or not stored yet: a call is
				stored when it is over. <a href="/search">Search for it</a> or look
				at <a href="/live">what is up now</a>.</p>}
		</ErrorNote>
	);
}

/* The shared axis: long enough for all that belongs to the call. */
function useAxis(call) {
	return useMemo(() => createTime({
		startMs: unixMs(call.start) ?? 0, durationMs: axisLength(call),
	}), [call]);
}

function Call({ uid, call, query, setQuery }) {
	const session = useSession();
	const time = useAxis(call);
	const timeline = useTimeline(uid, time.startMs).data;
	const messages = useGet(call.messages.length > 0 || call.signalling ?
		`/calls/${encodeURIComponent(uid)}/messages` : null);
	const texts = messages.data?.messages ?? null;
	const legs = useGet(call.group_id === null ? null :
		`/calls/${encodeURIComponent(uid)}/legs`);
	const found = useMemo(() => findings(call,
		{ timeline, descriptions: descriptions(call, texts), legs: legs.data?.calls, uid }),
	[call, timeline, texts, legs.data]);
	const rows = messageRows(call, texts);
	const props = { uid, call, time, session, timeline, texts, messages, rows, legs,
		query, setQuery };

	useCallKeys(props);
	useZoomAddress(time, query, setQuery);
	return (
		<div class="call">
			<Head {...props} />
			<Findings list={found} time={time} query={query} setQuery={setQuery} />
			<div class="call-split">
				<LadderPane {...props} />
				<Panels {...props} />
			</div>
		</div>
	);
}
