package config

import (
	"fmt"
	"strconv"
	"time"
)

func calibrationSettings(c *Calibration) []Setting {
	return []Setting{
		{
			Name: "CALIBRATION", Default: "on", value: into(&c.Enabled, onOrOff),
			Description: "Whether this copy computes calibrations. With off on every copy none is computed; those that are asked for wait.",
		},
		{
			Name: "CALIBRATE_EVERY", Default: "off", Example: "168h", value: into(&c.Every, interval(time.Minute, 366*24*time.Hour)),
			Description: "How often all items are calibrated without anybody asking, once for all copies, as long as one is up.",
		},
		{
			Name: "CALIBRATION_MEMORY", Default: "512MB", value: into(&c.Memory, memorySize),
			Description: "The memory that a calibration may need beside the service; one that is estimated to need more fails before it starts.",
		},
	}
}

var onOrOff = kind[bool]{"on or off", func(value string) (bool, error) {
	switch value {
	case "on":
		return true, nil
	case "off":
		return false, nil
	}
	return false, fmt.Errorf("%s is neither on nor off", quote(value))
}}

// interval is a duration, or off, which is 0.
func interval(least, most time.Duration) kind[time.Duration] {
	given := duration(least, most)
	return kind[time.Duration]{"off, or " + given.takes, func(value string) (time.Duration, error) {
		if value == "off" {
			return 0, nil
		}
		return given.parse(value)
	}}
}

var memoryUnits = map[string]int64{"MB": 1 << 20, "GB": 1 << 30}

// memorySize is an amount of memory in bytes; a unit is a power of 1024.
var memorySize = kind[int64]{"a whole number of MB or GB, as in 512MB, from 16MB to 1024GB", func(value string) (int64, error) {
	if len(value) > 2 {
		unit := memoryUnits[value[len(value)-2:]]
		number, err := strconv.ParseInt(value[:len(value)-2], 10, 32)
		if bytes := number * unit; err == nil && bytes >= 16<<20 && bytes <= 1024<<30 {
			return bytes, nil
		}
	}
	return 0, fmt.Errorf("%s is not an amount from 16MB to 1024GB", quote(value))
}}
