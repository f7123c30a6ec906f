// ICE: in words, the grid of candidate pairs, and when their checks passed.
import { useMemo } from 'preact/hooks';
import { Empty } from '../components/Notes.jsx';
import { Tabs } from '../components/Tabs.jsx';
import { useRouter } from '../shell/Router.jsx';
import { CheckLanes } from './CheckLanes.jsx';
import { lanesOf } from './checks.js';
import { exchangesOf, firstShown, gridOf } from './ice_grid.js';
import { iceStory } from './ice_words.js';
import { IceTable, Legend } from './IceTable.jsx';
import { Nats } from './Nats.jsx';
import { PairDetails } from './PairDetails.jsx';
import { useNewEvidence } from './use_evidence.js';
import { useTimeline } from './use_timeline.js';

const noTimeline = { checks: [], dtls: [] };

/* The chosen exchange and pair are in the address. */
function useChosen(call, time) {
	const { query, setQuery } = useRouter();
	const index = call.ice[Number(query.ice)] ? Number(query.ice) :
		firstShown(call.ice);
	const ice = call.ice[index];
	const used = ice.pairs.findIndex((p) => p.selected);
	const pair = ice.pairs[Number(query.pair)] ? Number(query.pair) : Math.max(0, used);

	useNewEvidence(time, 'ice', (e) =>
		setQuery({ ice: e.ice, pair: e.pair ?? null }, { replace: true }));
	return {
		index, ice, pair,
		setExchange: (n) => setQuery({ ice: n, pair: null }),
		setPair: (n) => setQuery({ pair: n }, { replace: true }),
	};
}

export default function Ice(props) {
	const { call } = props;

	if (call.ice.length === 0)
		return (
			<div class="webrtc">
				<Empty title="No ICE">
					No connectivity check was seen: the call did without ICE, or its checks
					passed where the tap does not see.
				</Empty>
				<Nats call={call} />
			</div>
		);
	return <Exchanges {...props} />;
}

function Exchanges({ call, uid, time }) {
	const { index, ice, pair, setExchange, setPair } = useChosen(call, time);
	const tabs = useMemo(() => exchangesOf(call.ice), [call]);
	const timeline = useTimeline(uid, time.startMs);
	const lanes = useMemo(
		() => lanesOf(call, index, timeline.data ?? noTimeline, time.startMs),
		[call, index, timeline.data, time]);
	const body = <Exchange ice={ice} pair={pair} onPair={setPair} lanes={lanes}
		time={time} key={index} />;

	return (
		<div class="webrtc">
			{tabs.length < 2 ? body : (
				<Tabs label="ICE exchanges" value={String(index)} onChange={setExchange}
					tabs={tabs.map((t) => ({
						key: String(t.index), title: `${t.label}: ${t.result}`,
					}))}>
					{body}
				</Tabs>
			)}
			<Nats call={call} />
		</div>
	);
}

function Exchange({ ice, pair, onPair, lanes, time }) {
	const grid = useMemo(() => gridOf(ice), [ice]);

	return (
		<>
			<p class={`ice-story ${ice.result === 'failed' ? 'failed' : ''}`}>
				{iceStory(ice).join(' ')}
			</p>
			{ice.pairs.length > 0 && (
				<div class="ice-both">
					<div>
						<IceTable ice={ice} grid={grid} chosen={pair} onChoose={onPair} />
						<Legend ice={ice} />
					</div>
					{ice.pairs[pair] && <PairDetails pair={ice.pairs[pair]} />}
				</div>
			)}
			<CheckLanes lanes={lanes} time={time} />
		</>
	);
}
