// What a search has found so far, answer by answer. Pure.

/* So many answers in a row without a row, then somebody must say go on. */
const EMPTY = 3;

export const nothing = {
	rows: [],
	next: null, /* the cursor that goes on */
	complete: true, /* false: stopped by the server's bound of time */
	searchedFrom: null, /* how far back was looked then */
	terms: [],
	answered: false,
	empty: 0, /* answers in a row without a row */
	place: { top: 0, cursor: -1 }, /* where the table was */
};

/* One more answer; its rows are in `field`. */
export function joined(found, answer, field) {
	return {
		rows: found.rows.concat(answer[field]),
		next: answer.next,
		complete: answer.complete,
		searchedFrom: answer.searched_from ?? null,
		terms: answer.terms ?? found.terms,
		answered: true,
		empty: answer[field].length > 0 ? 0 : found.empty + 1,
		place: found.answered ? found.place : { ...nothing.place },
	};
}

/* Whether to ask for more without being told. */
export function goesOn(found) {
	return found.next !== null && found.empty < EMPTY;
}
