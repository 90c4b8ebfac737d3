package httpapi

import (
	"context"
	"errors"
	"reflect"
	"strings"

	"github.com/gofiber/fiber/v2"

	"github.com/journey-os/journey-api/core"
)

// studentField is the name under which a path, a query or a body names a student.
const studentField = "student_id"

var (
	errRecordNotChecked = errors.New("the handler of a route about students' records did not ask its RecordAccess whose record it is")
	errStudentTwice     = core.NewValidationError(core.Violation{Field: "/query/" + studentField, Message: "is there more than once"})
)

// RecordAccessOf returns the caller's access to students' records on a route whose rule is core.OnRecord. On other
// routes it returns an internal error.
func RecordAccessOf(ctx context.Context) (*core.RecordAccess, error) {
	if x, ok := ctx.Value(exchangeKey{}).(*exchange); ok && x.records != nil {
		return x.records, nil
	}
	return nil, errors.New("a route that is not about students' records asked for the caller's access to them")
}

// openRecords sets the access of a route about records. It refuses a student who names another student in path or
// query, before anything is read.
func openRecords(c *fiber.Ctx, x *exchange) error {
	action, ok := x.route.Access.RecordAction()
	if !ok {
		return nil
	}
	x.records = core.NewRecordAccess(action, *x.caller)
	if named, ok := x.parameters[studentField]; ok {
		return x.records.CheckStudent(named)
	}
	switch named := c.Context().QueryArgs().PeekMulti(studentField); {
	case !x.route.namesStudentInQuery() || len(named) == 0:
		return nil
	case len(named) > 1:
		return errStudentTwice
	default:
		return x.records.CheckStudent(string(named[0]))
	}
}

// bodyStudent is the path of fields from a route's input to the student that its body names; nil if it names none.
type bodyStudent []int

// bodyStudentOf looks for the field that is student_id in JSON, in the body of an input.
func bodyStudentOf(input reflect.Type) bodyStudent {
	body, ok := input.FieldByName("Body")
	if !ok {
		return nil
	}
	of := body.Type
	if of.Kind() == reflect.Pointer {
		of = of.Elem()
	}
	if of.Kind() != reflect.Struct {
		return nil
	}
	for _, field := range reflect.VisibleFields(of) {
		if nameInJSON(field) == studentField && field.Type.Kind() == reflect.String {
			return append(append(bodyStudent{}, body.Index...), field.Index...)
		}
	}
	return nil
}

func nameInJSON(field reflect.StructField) string {
	name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
	return name
}

// check refuses a student whose body names another student. A body that names none is left to the handler.
func (s bodyStudent) check(ctx context.Context, input any) error {
	x := exchangeFrom(ctx)
	if s == nil || x.records == nil {
		return nil
	}
	named, err := reflect.ValueOf(input).Elem().FieldByIndexErr(s)
	if err != nil || named.String() == "" {
		return nil //nolint:nilerr // an optional body that is not there names nobody
	}
	return x.records.CheckStudent(named.String())
}

// recordsChecked refuses a route about records whose requests do not tell whose record it is.
func recordsChecked(route *Route, namesStudent bool) error {
	_, isRecord := route.Access.RecordAction()
	switch {
	case isRecord && !namesStudent && !route.LoadsRecord:
		return errors.New("the access rule is about students' records: name the student as student_id in path, query or body, or say LoadsRecord")
	case route.LoadsRecord && !isRecord:
		return errors.New("it says LoadsRecord, and its access rule is not about students' records")
	}
	return nil
}
