// Media over the call's time: streams, charts on one axis, the burst map.
import { useMemo } from 'preact/hooks';
import { Empty, ErrorNote, Skeleton } from '../components/Notes.jsx';
import { useRouter } from '../shell/Router.jsx';
import { dtmfMarks } from './audio_words.js';
import { BurstMap } from './BurstMap.jsx';
import { EvidenceBand } from './EvidenceBand.jsx';
import { Histograms } from './Histograms.jsx';
import { PanelChart } from './PanelChart.jsx';
import { panels } from './panels.js';
import { StreamTable } from './StreamTable.jsx';
import { looks as looksOf } from './stream_names.js';
import { orderStreams, partialText, shownFirst, sourceText } from './stream_rows.js';
import { tapLosses, tapLossText } from './tap_losses.js';
import { TimeAxis, ZoomButtons } from './TimeAxis.jsx';
import { useEvidence, useNewEvidence } from './use_evidence.js';
import { useTimeline } from './use_timeline.js';

/* Which streams are shown: the address has their places in the record, so
 * that a link shows the same charts. */
function useShown(call) {
	const { query, setQuery } = useRouter();
	const all = call.streams.map((s) => s.stream_uid);
	const shown = query.streams === undefined ? shownFirst(call) :
		query.streams.split(',').map((n) => all[Number(n)]).filter(Boolean);

	function toggle(uid) {
		const next = shown.includes(uid) ? shown.filter((u) => u !== uid) :
			[...shown, uid];

		setQuery({ streams: next.map((u) => all.indexOf(u)).join(',') || 'none' },
			{ replace: true });
	}
	return [shown, toggle];
}

export default function Media({ call, uid, time }) {
	const ordered = useMemo(() => orderStreams(call.streams), [call]);
	const [shown, toggle] = useShown(call);
	const timeline = useTimeline(uid, time.startMs);
	const partial = partialText(call);
	const pointed = useEvidence(time, 'stream')?.stream;

	useNewEvidence(time, 'stream', ({ stream }) =>
		call.streams.some((s) => s.stream_uid === stream) && !shown.includes(stream) &&
		toggle(stream));

	if (ordered.length === 0)
		return (
			<Empty title="No media was seen">
				{partial ?? 'Not a packet of RTP belongs to this call. If the call was ' +
					'answered, look whether the tap sees where media goes.'}
			</Empty>
		);
	return (
		<section class="media">
			{partial && <p class="tap-note" role="note">{partial}</p>}
			<StreamTable streams={ordered} shown={shown} onShow={toggle}
				pointed={pointed} />
			{timeline.error && <ErrorNote error={timeline.error} again={timeline.again} />}
			{timeline.slow && <Skeleton rows={6} />}
			{timeline.data && <Charts call={call} time={time} timeline={timeline.data}
				ordered={ordered.filter((s) => shown.includes(s.stream_uid))} />}
		</section>
	);
}

function Charts({ call, time, timeline, ordered }) {
	const looks = useMemo(() => looksOf(ordered), [ordered]);
	const streams = useMemo(() => ordered
		.map((s) => timeline.streams.find((t) => t.stream_uid === s.stream_uid))
		.filter(Boolean), [timeline, ordered]);
	const digits = useMemo(() => dtmfMarks(call, time.startMs), [call, time]);
	const note = sourceText(timeline);
	const taps = useMemo(() => Object.fromEntries(streams.map((part) =>
		[part.stream_uid, tapLosses(ordered.find((s) => s.stream_uid === part.stream_uid),
			part, timeline.rtcp)])), [streams, ordered, timeline]);

	return (
		<>
			{note && <p class="tap-note" role="note">{note}</p>}
			{streams.map((s) => taps[s.stream_uid].length > 0 && (
				<p class="tap-note" role="note" key={s.stream_uid}>
					<b>{looks[s.stream_uid].name}</b>: {tapLossText(taps[s.stream_uid])}
				</p>
			))}
			{streams.length > 0 && (
				<div class="charts">
					<EvidenceBand time={time} />
					<ZoomButtons time={time} />
					<TimeAxis time={time} />
					{panels.map((panel) => (
						<PanelChart key={panel.id} panel={panel} timeline={timeline}
							streams={streams} looks={looks} time={time} />
					))}
					<BurstMap timeline={timeline} streams={streams} looks={looks}
						digits={digits} taps={taps} time={time} />
				</div>
			)}
			{ordered.length === 0 && <p class="muted">No stream is chosen: tick one in
				the table above.</p>}
			<Histograms streams={ordered} looks={looks} />
		</>
	);
}
