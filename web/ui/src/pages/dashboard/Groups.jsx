// What failed, and the figures by trunk, address, agent and codec.
import { Tabs } from '../../components/Tabs.jsx';
import { callsHref, failureText, groups } from '../../core/dashboard.js';
import { mos, mosClass, number, percent, span, NOTHING } from '../../core/format.js';

function Count({ n, asked, q }) {
	return <a href={callsHref(asked, q)}>{number(n)}</a>;
}

export function Failures({ stats, asked }) {
	const { failures } = stats;

	if (failures.length === 0)
		return null;
	return (
		<section class="failures">
			<h2>What failed</h2>
			<table class="plain">
				<thead>
					<tr><th scope="col">status</th><th scope="col" class="right">calls</th></tr>
				</thead>
				<tbody>
					{failures.map((f) => (
						<tr key={failureText(f)}>
							<td>{failureText(f)}</td>
							<td class="right"><Count n={f.calls} asked={asked} q={f.q} /></td>
						</tr>
					))}
				</tbody>
			</table>
		</section>
	);
}

function Rows({ rows, asked, title }) {
	return (
		<div class="scroll" tabIndex={0} role="region" aria-label={title}>
			<table class="plain">
				<thead>
					<tr>
						<th scope="col">{title}</th>
						<th scope="col" class="right">calls</th>
						<th scope="col" class="right">answered</th>
						<th scope="col" class="right">ASR<span class="unit">%</span></th>
						<th scope="col" class="right">ACD</th>
						<th scope="col" class="right">MOS</th>
						<th scope="col" class="right">loss<span class="unit">%</span></th>
					</tr>
				</thead>
				<tbody>
					{rows.map((r) => <Row key={r.key} row={r} asked={asked} />)}
				</tbody>
			</table>
		</div>
	);
}

function Row({ row, asked }) {
	return (
		<tr>
			<td class="key">{row.key ?? NOTHING}</td>
			<td class="right"><Count n={row.calls} asked={asked} q={row.q} /></td>
			<td class="right">
				{row.answered > 0 ?
					<Count n={row.answered} asked={asked} q={`${row.q} type:call status:2xx`} /> : 0}
			</td>
			<td class="right">{percent(row.asr_pct)}</td>
			<td class="right">{span(row.acd_ms)}</td>
			<td class={`right ${mosClass(row.mos_mean)}`}>{mos(row.mos_mean)}</td>
			<td class="right">{percent(row.loss_pct_mean)}</td>
		</tr>
	);
}

/* One at a time; those of which nothing is known are left out. */
export function Groups({ stats, asked, query, setQuery }) {
	const there = groups.filter(([name]) => stats.by[name]?.length > 0);

	if (there.length === 0)
		return null;
	const chosen = there.some(([key]) => key === query.by) ? query.by : there[0][0];

	return (
		<section class="groups">
			<h2>By</h2>
			<Tabs label="By what" value={chosen} onChange={(by) => setQuery({ by }, { replace: true })}
				tabs={there.map(([key, title]) => ({ key, title, count: stats.by[key].length }))}>
				<Rows rows={stats.by[chosen]} asked={asked}
					title={there.find(([key]) => key === chosen)[1]} />
			</Tabs>
		</section>
	);
}
