// How much was found, and how far back was looked.
import { Time } from './Time.jsx';
import { count } from '../core/format.js';

/* A live line of text above the table. */
export function Told({ list, one }) {
	if (!list.answered || list.stale)
		return <p class="muted count" role="status" />;
	return (
		<p class="muted count" role="status">
			{count(list.rows.length, one)}{list.next !== null && ' so far'}
			<button type="button" class="icon" title="Search again" aria-label="Search again"
				onClick={list.again}>↻</button>
		</p>
	);
}

/* Below the last row. */
export function Foot({ list, one }) {
	if (list.error)
		return (
			<p class="foot" role="alert">
				<span class="bad">{list.error.message}</span>{' '}
				<button type="button" onClick={list.more}>Try again</button>
			</p>
		);
	if (list.next === null)
		return (
			<p class="foot muted">
				{count(list.rows.length, one)}, no more
				{!list.complete && list.searchedFrom && <> since <Time value={list.searchedFrom}
					show="both" ms={false} />: only the latest were put in this order. A range of
					time or more words find older ones</>}.
			</p>
		);
	return (
		<p class="foot muted">
			{list.searchedFrom && <>Searched back to <Time value={list.searchedFrom} show="both" ms={false} />. </>}
			{list.loading ? 'Searching on …' :
				<button type="button" onClick={list.more}>Search further</button>}
		</p>
	);
}
