package main

import (
	"encoding/json"
	"fmt"
)

// diagnostics is the part of GET /api/diagnostics that is read here.
type diagnostics struct {
	Data struct {
		Caches []struct {
			Name   string `json:"name"`
			Misses uint64 `json:"misses"`
		} `json:"caches"`
		Pools []struct {
			Name     string `json:"name"`
			InUse    int    `json:"in_use"`
			Capacity int    `json:"capacity"`
		} `json:"pools"`
	} `json:"data"`
}

func (f *field) diagnose() (diagnostics, error) {
	var known diagnostics
	body, err := f.rows[0].server.fetch(requestFor("/api/diagnostics", f.credentials.superadmin))
	if err == nil {
		err = json.Unmarshal(body, &known)
	}
	return known, err
}

// checkNewTokens asks the service whether it remembered none of the tokens that were sent as new.
func (f *field) checkNewTokens() error {
	known, err := f.diagnose()
	if err != nil {
		return err
	}
	var sent uint64
	for _, r := range f.rows {
		for _, one := range r.runs {
			if r.isNew {
				sent += uint64(one.requests)
			}
		}
	}
	for _, cache := range known.Data.Caches {
		if cache.Name == "token verdicts" && cache.Misses >= sent {
			return nil
		}
	}
	return fmt.Errorf("%d new tokens were sent, and the service did not take all of them for new", sent)
}
