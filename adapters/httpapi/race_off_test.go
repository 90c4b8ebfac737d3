//go:build !race

package httpapi_test

// raceDetector reports whether the race detector, which takes memory of its own, is on.
const raceDetector = false
