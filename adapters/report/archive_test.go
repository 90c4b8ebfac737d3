package report_test

import (
	"bytes"
	"testing"

	"github.com/journey-os/journey-api/adapters/report"
)

func TestAnArchivedCalibrationGivesTheSameReport(t *testing.T) {
	c := sample(12, 300)
	content, err := c.Archive()
	if err != nil {
		t.Fatal(err)
	}
	again, err := report.ReadArchive(content)
	if err != nil {
		t.Fatal(err)
	}
	var want, got bytes.Buffer
	for _, page := range []struct {
		of report.Calibration
		to *bytes.Buffer
	}{{c, &want}, {again, &got}} {
		if _, err := page.of.WriteTo(page.to); err != nil {
			t.Fatal(err)
		}
	}
	if want.Len() == 0 || !bytes.Equal(got.Bytes(), want.Bytes()) {
		t.Error("the pages differ")
	}
}

func TestWhatIsNoArchiveIsAnError(t *testing.T) {
	content, err := sample(12, 300).Archive()
	if err != nil {
		t.Fatal(err)
	}
	for _, broken := range [][]byte{nil, []byte("a report"), content[:len(content)/2]} {
		if _, err := report.ReadArchive(broken); err == nil {
			t.Errorf("%d bytes were read", len(broken))
		}
	}
}
