package postgresdb

import _ "embed"

// The statements of practice.
var (
	//go:embed sql/find_session.sql
	findSession string
	//go:embed sql/find_active_session.sql
	findActiveSession string
	//go:embed sql/find_stored_session.sql
	findStoredSession string
	//go:embed sql/count_own_sessions.sql
	countOwnSessions string
	//go:embed sql/list_own_sessions.sql
	listOwnSessions string
	//go:embed sql/count_sessions.sql
	countSessions string
	//go:embed sql/list_sessions.sql
	listSessions string
	//go:embed sql/list_session_items.sql
	listSessionItems string
	//go:embed sql/list_given_before.sql
	listGivenBefore string
	//go:embed sql/list_given.sql
	listGiven string
	//go:embed sql/list_masteries.sql
	listMasteries string
	//go:embed sql/find_estimate.sql
	findEstimate string
	//go:embed sql/put_estimate.sql
	putEstimate string
	//go:embed sql/drop_estimate.sql
	dropEstimate string
	//go:embed sql/find_first_attempt.sql
	findFirstAttempt string
	//go:embed sql/list_first_attempts.sql
	listFirstAttempts string
	//go:embed sql/find_repeat.sql
	findRepeat string
	//go:embed sql/find_given.sql
	findGiven string
	//go:embed sql/add_session.sql
	addSession string
	//go:embed sql/put_session.sql
	putSession string
	//go:embed sql/add_session_item.sql
	addSessionItem string
	//go:embed sql/settle_session_item.sql
	settleSessionItem string
	//go:embed sql/find_bank_version.sql
	findBankVersion string
	//go:embed sql/raise_bank_version.sql
	raiseBankVersion string
	//go:embed sql/list_initial.sql
	listInitial string
)
