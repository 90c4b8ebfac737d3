package irt

import (
	"errors"
	"fmt"
	"runtime"
)

// Density selects the distribution of ability that a calibration uses.
type Density string

const (
	// DensityAuto estimates the distribution and keeps it if the data clearly support it. It is the default.
	DensityAuto Density = "auto"
	// DensityNormal is the standard normal distribution.
	DensityNormal Density = "normal"
	// DensityEstimated is in the result of a run that kept its estimate; it is no option.
	DensityEstimated Density = "estimated"
)

// Prior selects what a calibration assumes about item parameters.
type Prior string

const (
	// PriorDefault is log a ~ N(μ, .5²) with μ estimated, c ~ Beta(5, 17), and d = -ab ~ N(mean of all d, 2²). It is
	// the default. The 1PL has no prior.
	PriorDefault Prior = "default"
	// PriorNone has only the bounds of a and c.
	PriorNone Prior = "none"
)

// Options are the settings of a calibration. The zero value of each field stands for its default.
type Options struct {
	// Model is Model3PL if it is empty.
	Model Model
	// MinResponses is how many answers an item needs, from 1; 0 stands for 100.
	MinResponses int
	// MaxIterations bounds the iterations, those of the density included; 0 stands for 100.
	MaxIterations int
	// Threshold ends the iterations once every a, b and c changes by less than it; between 0 and 1, where 0 stands for
	// .001.
	Threshold float64
	// Density is DensityAuto if it is empty.
	Density Density
	// Prior is PriorDefault if it is empty.
	Prior Prior
	// Workers is how many goroutines compute; 0 stands for GOMAXPROCS. It never changes the result.
	Workers int
	// Progress is called after each iteration and at the start of each later stage, by the goroutine of Calibrate,
	// which waits for it; it may be nil.
	Progress func(Progress)
}

// Stage names what a calibration is doing.
type Stage string

// The stages in their order. StageDensity is left out if the distribution is not estimated.
const (
	StageItems          Stage = "items"
	StageDensity        Stage = "density"
	StageStandardErrors Stage = "standard_errors"
	StageFit            Stage = "fit"
)

// Progress is how far a calibration is.
type Progress struct {
	Stage Stage
	// Iteration counts from 1, through both stages that iterate. Later stages repeat the last.
	Iteration int
	// MaxChange is the largest change of an a, b or c in the iteration; in StageDensity, of a node's weight as well.
	MaxChange float64
	// LogLikelihood is the log-likelihood at the start of the iteration, without the prior.
	LogLikelihood float64
}

// withDefaults returns the options with defaults in place of zero values, or an error that names a wrong option.
func (o Options) withDefaults() (Options, error) {
	if o.Model == "" {
		o.Model = Model3PL
	}
	if o.Density == "" {
		o.Density = DensityAuto
	}
	if o.Prior == "" {
		o.Prior = PriorDefault
	}
	if o.MinResponses == 0 {
		o.MinResponses = 100
	}
	if o.MaxIterations == 0 {
		o.MaxIterations = 100
	}
	if o.Threshold == 0 {
		o.Threshold = 1e-3
	}
	if o.Workers == 0 {
		o.Workers = runtime.GOMAXPROCS(0)
	}
	return o, o.validate()
}

func (o Options) validate() error {
	switch {
	case o.Model != Model3PL && o.Model != Model2PL && o.Model != Model1PL:
		return fmt.Errorf("model %q: it must be 3pl, 2pl or 1pl", o.Model)
	case o.Density != DensityAuto && o.Density != DensityNormal:
		return fmt.Errorf("density %q: it must be auto or normal", o.Density)
	case o.Prior != PriorDefault && o.Prior != PriorNone:
		return fmt.Errorf("prior %q: it must be default or none", o.Prior)
	case o.MinResponses < 1:
		return errors.New("minimum responses must be at least 1")
	case o.MaxIterations < 1:
		return errors.New("maximum iterations must be at least 1")
	case !(o.Threshold > 0 && o.Threshold < 1):
		return errors.New("threshold must be between 0 and 1")
	case o.Workers < 1:
		return errors.New("workers must be at least 1")
	}
	return nil
}

// EstimateMemory returns an upper estimate of the bytes that Calibrate needs beside the Data for so many people, items
// and answers.
func EstimateMemory(people, items, responses int) int64 {
	const (
		perPerson    = 112 // posterior, window, totals and result
		perItemNode  = 100 // counts, tables, scores, squares and result
		perPairNode  = 4 * 8
		perResponse  = 16                     // the second index, and a third of complete data
		perBlockNode = (blockPeople + 64) * 8 // posteriors and scratch
		fixed        = blockPeople * fullItems * variables * 8
	)
	bytes := int64(people)*perPerson + int64(items)*finest*perItemNode + int64(responses)*perResponse +
		finest*perBlockNode + fixed
	if items <= sx2Items {
		bytes += int64(items) * finest * 8 * 24 // score distributions
	}
	if items <= fullItems {
		bytes += int64(items) * int64(items) / 2 * finest * perPairNode
	}
	return bytes
}
