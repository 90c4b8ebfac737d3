package httpapi_test

import (
	"net/http"
	"strings"
	"testing"
)

func TestAWholeNumberIsOneHoweverItIsWritten(t *testing.T) {
	t.Parallel()
	s := start(t)
	for number, want := range map[string]string{
		"43": "43", "43.0": "43", "4.3e1": "43", "430E-1": "43", "-0.0": "0", "1e2": "100", "0e9": "0",
		"43.5": "", "1e400": "", "1.0e300": "", "9007199254740994.0": "", "-1.0": "", `"43.0"`: "", "43.0.0": "",
	} {
		got := s.Do(request{Method: http.MethodPost, Path: "/api/example/own", Token: "faculty-director", Body: `{"note":"1.0","score":` + number + `}`})
		if taken := got.Status == http.StatusCreated; taken != (want != "") || taken && !strings.Contains(got.Body, `"score":`+want+`,"note":"1.0"`) {
			t.Errorf("%s answered %d %s, want %q", number, got.Status, got.Body, want)
		}
	}
}
