// The columns of the table: of the address, else the browser's default.
import { useState } from 'preact/hooks';
import { remember, remembered } from '../../core/theme.js';
import { columns, firstColumns } from './columns.jsx';

const KEY = 'callscope.columns.search';

function known(text) {
	const keys = (text ?? '').split(',').filter((k) => columns.some((c) => c.key === k));

	return keys.length > 0 ? keys : null;
}

export function useColumns(query, setQuery) {
	const [own, setOwn] = useState(() => known(remembered(KEY)) ?? firstColumns);
	const chosen = known(query.cols) ?? own;

	return {
		chosen,
		isDefault: chosen.join() === own.join(),
		onChange: (keys) => setQuery({ cols: keys && keys.join() }, { replace: true }),
		onDefault: () => {
			remember(KEY, chosen.join());
			setOwn(chosen);
			setQuery({ cols: null }, { replace: true });
		},
	};
}
