package report

import (
	"bytes"
	"compress/gzip"
	"encoding/gob"
	"slices"

	"github.com/journey-os/journey-api/core/irt"
)

// Archive encodes the calibration, so that ReadArchive can read it and the report be written later. Expected counts are
// rounded to the digits that plots show.
func (c Calibration) Archive() ([]byte, error) {
	items := slices.Clone(c.Result.Items)
	for k := range items {
		counts := slices.Clone(items[k].Counts)
		for q, count := range counts {
			counts[q] = irt.Count{Responses: float64(float32(count.Responses)), Correct: float64(float32(count.Correct))}
		}
		items[k].Counts = counts
	}
	c.Result.Items, c.Settings.Progress = items, nil
	var content bytes.Buffer
	packed := gzip.NewWriter(&content)
	if err := gob.NewEncoder(packed).Encode(c); err != nil {
		return nil, err
	}
	if err := packed.Close(); err != nil {
		return nil, err
	}
	return content.Bytes(), nil
}

// ReadArchive decodes what Archive returned, in any version of the program.
func ReadArchive(content []byte) (c Calibration, err error) {
	packed, err := gzip.NewReader(bytes.NewReader(content))
	if err != nil {
		return Calibration{}, err
	}
	err = gob.NewDecoder(packed).Decode(&c)
	return c, err
}
