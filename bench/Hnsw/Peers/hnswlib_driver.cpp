// Drives hnswlib for `claw bench hnsw`: reads commands, one a line, and answers each with one line. Vectors come as .fvecs files. Percentiles are of processor time.
//   build M EFC THREADS   -> built SECONDS CPU_SECONDS P50_US P99_US RSS_BYTES
//   search K EF OUT       -> searched SECONDS CPU_SECONDS P50_US P99_US   (labels of all queries go to the file OUT as uint32, K a query)
#include <hnswlib/hnswlib.h>
#include <atomic>
#include <thread>
#include "driver.hpp"

int main(int argc, char** argv) {
    if (argc != 4) {
        fprintf(stderr, "usage: hnswlib_driver BASE.fvecs QUERIES.fvecs ip|l2\n");
        return 2;
    }
    Vectors base = read(argv[1]), queries = read(argv[2]);
    std::unique_ptr<hnswlib::SpaceInterface<float>> space;
    if (std::string(argv[3]) == "l2")
        space = std::make_unique<hnswlib::L2Space>(base.dimensions);
    else
        space = std::make_unique<hnswlib::InnerProductSpace>(base.dimensions);
    std::unique_ptr<hnswlib::HierarchicalNSW<float>> index;
    std::string line;
    while (std::getline(std::cin, line)) {
        std::istringstream words(line);
        std::string verb;
        words >> verb;
        if (verb == "build") {
            size_t m, construction;
            int threads;
            words >> m >> construction >> threads;
            index.reset();
            long before = resident();
            auto start = Clock::now();
            double begun = processor();
            index = std::make_unique<hnswlib::HierarchicalNSW<float>>(space.get(), base.count(), m, construction, 100);
            std::vector<double> times(base.count());
            std::atomic<size_t> next{0};
            auto work = [&] {
                for (size_t i = next++; i < base.count(); i = next++) {
                    double from = processor();
                    index->addPoint(base.row(i), i);
                    times[i] = processor() - from;
                }
            };
            std::vector<std::thread> others;
            for (int t = 1; t < threads; t++) others.emplace_back(work);
            work();
            for (auto& other : others) other.join();
            double all = seconds(start);
            std::sort(times.begin(), times.end());
            printf("built %.4f %.4f %.2f %.2f %ld\n", all, processor() - begun, percentile(times, 0.5), percentile(times, 0.99), resident() - before);
        } else if (verb == "search" && index) {
            size_t k, ef;
            std::string out;
            words >> k >> ef >> out;
            index->setEf(ef);
            std::vector<uint32_t> labels(queries.count() * k, UINT32_MAX);
            std::vector<double> times(queries.count());
            auto start = Clock::now();
            double begun = processor();
            for (size_t q = 0; q < queries.count(); q++) {
                double from = processor();
                auto found = index->searchKnn(queries.row(q), k);
                times[q] = processor() - from;
                for (size_t i = found.size(); i-- > 0; found.pop()) labels[q * k + i] = static_cast<uint32_t>(found.top().second);
            }
            double all = seconds(start), used = processor() - begun;
            std::ofstream(out, std::ios::binary).write(reinterpret_cast<char*>(labels.data()), labels.size() * 4);
            std::sort(times.begin(), times.end());
            printf("searched %.6f %.6f %.2f %.2f\n", all, used, percentile(times, 0.5), percentile(times, 0.99));
        } else {
            printf("unknown command\n");
        }
        fflush(stdout);
    }
    return 0;
}
