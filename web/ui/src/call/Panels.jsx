// The tabs beside the ladder. A tab without anything in it is not there.
import { Tabs } from '../components/Tabs.jsx';
import { JsonView } from './JsonView.jsx';
import { LegsPanel } from './LegsPanel.jsx';
import { MessagesPanel } from './MessagesPanel.jsx';
import { OffersPanel } from './OffersPanel.jsx';
import { Audio, Dtls, Ice, Media, Turn } from './parts.js';
import { SessionPanel } from './SessionPanel.jsx';

function MediaPanel(props) {
	return (
		<>
			{Audio && props.call.streams.length > 0 && <Audio {...props} />}
			{Media && <Media {...props} />}
		</>
	);
}

/* Title and count of each; `there` says whether it has anything. */
const panels = [
	{ key: 'media', title: 'Media', view: MediaPanel, there: () => Media !== null,
		count: (c) => c.streams.length },
	{ key: 'messages', title: 'Messages', view: MessagesPanel,
		there: (c, p) => p.rows.length > 0, count: (c, p) => p.rows.length },
	{ key: 'session', title: 'Session', view: SessionPanel,
		there: (c) => c.type === 'session' },
	{ key: 'offers', title: 'Offer/answer', view: OffersPanel,
		there: (c) => c.offers.length > 0, count: (c) => c.offers.length },
	{ key: 'ice', title: 'ICE', view: Ice, there: (c) => Ice !== null &&
		(c.ice.length > 0 || c.nat.length > 0), count: (c) => c.ice.length },
	{ key: 'dtls', title: 'DTLS', view: Dtls,
		there: (c) => Dtls !== null && c.dtls.length > 0, count: (c) => c.dtls.length },
	{ key: 'turn', title: 'TURN', view: Turn,
		there: (c) => Turn !== null && c.turn.length > 0, count: (c) => c.turn.length },
	{ key: 'legs', title: 'Legs', view: LegsPanel, there: (c) => c.group_id !== null },
	{ key: 'json', title: 'JSON', view: JsonView, there: () => true },
];

/* Media first, or what a call without media was about. */
function defaultTab(call) {
	if (call.streams.length > 0 && Media)
		return 'media';
	if (call.messages.length > 0)
		return 'messages';
	return call.type === 'session' ? 'session' : 'json';
}

export function Panels(props) {
	const { call, query, setQuery } = props;
	const here = panels.filter((p) => p.there(call, props));
	const first = defaultTab(call);
	const key = here.some((p) => p.key === query.tab) ? query.tab : first;
	const View = here.find((p) => p.key === key).view;

	return (
		<section class={`call-panels${key === 'legs' ? ' alone' : ''}`} aria-label="Details">
			<Tabs label="Details of the call" value={key}
				tabs={here.map((p) => ({ key: p.key, title: p.title,
					count: p.count?.(call, props) }))}
				onChange={(tab) => setQuery({ tab: tab === first ? null : tab },
					{ replace: true })}>
				<View {...props} />
			</Tabs>
		</section>
	);
}
