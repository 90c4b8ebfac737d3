package neo4jdb

import (
	"errors"
	"reflect"
	"strings"

	"github.com/neo4j/neo4j-go-driver/v5/neo4j"
)

// This file reads the errors of neo4j-go-driver v5.28.4 by reflection. They have no Unwrap, and the types of most are
// not exported; the errors that they wrap tell whether the network, TLS or our deadline failed. Check this file if the
// driver changes: the table of faults (internal/testkit/faulttable) fails if a fault is no longer recognised.

// unwrappable is an error of the driver together with the error that it wraps.
type unwrappable struct {
	error
	inner error
}

func (r unwrappable) Unwrap() []error { return []error{r.error, r.inner} }

// makeUnwrappable makes the errors that err wraps visible to errors.As and errors.Is. The driver's errors have no
// Unwrap. The wrapped error is in an exported field; most of their types are not exported.
func makeUnwrappable(err error) error {
	if inner := innerError(err); inner != nil {
		return unwrappable{err, makeUnwrappable(inner)}
	}
	return err
}

// isHandshake reports whether an error from makeUnwrappable came from a TLS handshake. A server without TLS just closes
// the connection.
func isHandshake(err error) bool {
	for shown, ok := err.(unwrappable); ok; shown, ok = shown.inner.(unwrappable) { //nolint:errorlint // each link is looked at by itself
		if reflect.TypeOf(shown.error).String() == "*errorutil.TlsError" {
			return true
		}
	}
	return false
}

func innerError(err error) error {
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
