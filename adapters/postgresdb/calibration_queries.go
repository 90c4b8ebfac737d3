package postgresdb

import _ "embed"

// The statements about calibrations.
var (
	//go:embed sql/add_run.sql
	addRun string
	//go:embed sql/find_queue_state.sql
	findQueueState string
	//go:embed sql/find_run.sql
	findRun string
	//go:embed sql/list_runs.sql
	listRuns string
	//go:embed sql/count_runs.sql
	countRuns string
	//go:embed sql/claim_run.sql
	claimRun string
	//go:embed sql/heartbeat_run.sql
	heartbeatRun string
	//go:embed sql/end_run.sql
	endRun string
	//go:embed sql/complete_run.sql
	completeRun string
	//go:embed sql/add_item_parameters.sql
	addItemParameters string
	//go:embed sql/add_skipped_item.sql
	addSkippedItem string
	//go:embed sql/add_report.sql
	addReport string
	//go:embed sql/find_report.sql
	findReport string
	//go:embed sql/find_scale.sql
	findScale string
	//go:embed sql/list_scale.sql
	listScale string
	//go:embed sql/put_scale.sql
	putScale string
	//go:embed sql/find_applied.sql
	findApplied string
	//go:embed sql/put_runs_in_force.sql
	putRunsInForce string
	//go:embed sql/list_run_items.sql
	listRunItems string
	//go:embed sql/list_skipped_items.sql
	listSkippedItems string
	//go:embed sql/find_item_parameters.sql
	findItemParameters string
	//go:embed sql/list_responses.sql
	listResponses string
	//go:embed sql/list_first_responses.sql
	listFirstResponses string
	//go:embed sql/lock_scale.sql
	lockScale string
)
