// What the drivers of the peers share: vectors from .fvecs files, memory, clocks, percentiles.
#pragma once
#include <unistd.h>
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <iostream>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

using Clock = std::chrono::steady_clock;

struct Vectors {
    size_t dimensions = 0;
    std::vector<float> values;
    size_t count() const { return dimensions ? values.size() / dimensions : 0; }
    const float* row(size_t i) const { return values.data() + i * dimensions; }
};

static Vectors read(const char* path) {
    Vectors vectors;
    std::ifstream file(path, std::ios::binary);
    int32_t dimension;
    while (file.read(reinterpret_cast<char*>(&dimension), 4)) {
        vectors.dimensions = dimension;
        size_t end = vectors.values.size();
        vectors.values.resize(end + dimension);
        if (!file.read(reinterpret_cast<char*>(&vectors.values[end]), dimension * 4)) {
            fprintf(stderr, "%s is cut off\n", path);
            exit(2);
        }
    }
    return vectors;
}

static long resident() {
    long pages = 0, total = 0;
    FILE* file = fopen("/proc/self/statm", "r");
    if (!file || fscanf(file, "%ld %ld", &total, &pages) != 2) exit(2);
    fclose(file);
    return pages * sysconf(_SC_PAGESIZE);
}

static double seconds(Clock::time_point since) { return std::chrono::duration<double>(Clock::now() - since).count(); }

// Time that this thread had a processor: what a loaded machine does not stretch.
static double processor() {
    timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return now.tv_sec + now.tv_nsec * 1e-9;
}

static double percentile(std::vector<double>& sorted, double share) {
    return sorted[std::min(sorted.size() - 1, static_cast<size_t>(share * sorted.size()))] * 1e6;
}
