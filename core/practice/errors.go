package practice

import "github.com/journey-os/journey-api/core"

// DetailSession is the key of the active session's id in the details of ErrSessionAlreadyActive.
const DetailSession = "session_id"

var (
	// ErrSessionNotFound is for a session that is not there, and for one of another institution.
	ErrSessionNotFound = &core.Error{Code: core.CodeSessionNotFound, Message: "There is no such session"}
	// ErrSessionCompleted is for a session that has ended, for any reason.
	ErrSessionCompleted = &core.Error{Code: core.CodeSessionCompleted, Message: "The session has ended"}
	// ErrSessionAlreadyActive is for a second session.
	ErrSessionAlreadyActive = &core.Error{
		Code: core.CodeSessionAlreadyActive, Message: "You have an active session: answer in it, or complete it first",
	}
	// ErrPoolExhausted is for a scope whose items were all given lately.
	ErrPoolExhausted = &core.Error{
		Code: core.CodePoolExhausted, Message: "The chosen concepts have no question left that was not given lately",
	}
	// ErrNotTheGivenItem is for an answer to another item than the one that is open.
	ErrNotTheGivenItem = &core.Error{
		Code: core.CodeConflict, Reason: core.ReasonNotTheGivenItem, Message: "This is not the question that the session has given",
	}
	// ErrAlreadyAnswered is for another answer to an item that was answered in the session.
	ErrAlreadyAnswered = &core.Error{
		Code: core.CodeConflict, Reason: core.ReasonAlreadyAnswered, Message: "This question was answered in the session already, in another way",
	}
)
