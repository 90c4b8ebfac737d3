package cli

import (
	"reflect"
	"strconv"
	"testing"

	"github.com/journey-os/journey-api/core/demo"
)

// The teacher of the practice page looks for as many students as demo adds.
func TestDemoAddsTheUsualStudents(t *testing.T) {
	field, _ := reflect.TypeFor[demoCommand]().FieldByName("Students")
	if got := field.Tag.Get("default"); got != strconv.Itoa(demo.DefaultStudents) {
		t.Errorf("%s students are added, %d are looked for", got, demo.DefaultStudents)
	}
}
