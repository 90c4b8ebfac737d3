package neo4jdb

import (
	"errors"
	"reflect"
	"strings"

	"github.com/neo4j/neo4j-go-driver/v5/neo4j"
)

// This file reads the errors of neo4j-go-driver v5.28.4 by reflection. They have no Unwrap, and the types of most are not
// exported; what they wrap says whether the network, TLS or our deadline failed. Look here if the driver changes: the table
// of faults (internal/testkit/faulttable) fails if a word is not found any more.

// revealed is an error of the driver together with what it holds.
type revealed struct {
	error
	inner error
}

func (r revealed) Unwrap() []error { return []error{r.error, r.inner} }

// reveal makes what err holds visible to errors.As and errors.Is. The driver's errors have no Unwrap; what they wrap
// stands in an exported field, of a type that is not exported for most.
func reveal(err error) error {
	if inner := held(err); inner != nil {
		return revealed{err, reveal(inner)}
	}
	return err
}

// isHandshake reports whether an error that was revealed came of a TLS handshake, whatever ended it: a server without TLS
// just hangs up.
func isHandshake(err error) bool {
	for shown, ok := err.(revealed); ok; shown, ok = shown.inner.(revealed) { //nolint:errorlint // each link is looked at by itself
		if reflect.TypeOf(shown.error).String() == "*errorutil.TlsError" {
			return true
		}
	}
	return false
}

func held(err error) error {
	var (
		limit        *neo4j.TransactionExecutionLimit
		connectivity *neo4j.ConnectivityError
	)
	switch {
	case errors.As(err, &limit) && len(limit.Errors) > 0:
		return limit.Errors[len(limit.Errors)-1]
	case errors.As(err, &connectivity):
		return connectivity.Inner
	}
	value := reflect.Indirect(reflect.ValueOf(err))
	if value.Kind() != reflect.Struct || !strings.HasSuffix(value.Type().PkgPath(), "/internal/errorutil") {
		return nil
	}
	for _, name := range []string{"Inner", "Err"} {
		if field := value.FieldByName(name); field.IsValid() {
			inner, _ := reflect.TypeAssert[error](field)
			return inner
		}
	}
	return nil
}
