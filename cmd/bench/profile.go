package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"time"
)

// profileSeconds is how long a query is repeated while its profile is taken.
const profileSeconds = 3

// profileWorst takes CPU profiles of Flint for the queries with the worst ratios
// to the first peer, and keeps their tables of the hottest functions.
func profileWorst(ctx context.Context, o *options, e engine, queries []query, rep *report) error {
	f, ok := e.(*flint)
	if !ok || o.Profile <= 0 || len(rep.Engines) < 2 {
		return nil
	}
	for _, name := range rep.worst(rep.Engines[1].Name, o.Profile) {
		for _, q := range queries {
			if q.name != name {
				continue
			}
			s, err := profile(ctx, o, f, q)
			if err != nil {
				return fmt.Errorf("profile of %s: %w", name, err)
			}
			rep.Profiles = append(rep.Profiles, s)
		}
	}
	return nil
}

func profile(ctx context.Context, o *options, f *flint, q query) (string, error) {
	file, err := os.CreateTemp("", "flint-profile-*.pb.gz")
	if err != nil {
		return "", err
	}
	defer os.Remove(file.Name())
	defer file.Close()
	fetched := make(chan error, 1)
	go func() { fetched <- fetchProfile(ctx, f.pprof, file) }()
	for end := time.Now().Add(profileSeconds * time.Second); time.Now().Before(end); {
		if _, _, err := runOnce(ctx, o, f, q, false); err != nil {
			return "", errors.Join(err, <-fetched)
		}
	}
	if err := <-fetched; err != nil {
		return "", err
	}
	out, err := exec.CommandContext(ctx, "go", "tool", "pprof", "-top", "-nodecount=20", o.Flint, file.Name()).Output()
	if err != nil {
		return "", err
	}
	return "profile of " + q.name + "\n" + strings.TrimSpace(string(out)), nil
}

func fetchProfile(ctx context.Context, addr string, into io.Writer) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, fmt.Sprintf("http://%s/debug/pprof/profile?seconds=%d", addr, profileSeconds), nil)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	_, err = io.Copy(into, resp.Body)
	return err
}
