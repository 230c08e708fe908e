# What C offers and Cython has no word for: prefetch, a spin lock, huge pages, 128-bit integers.

from libc.stdint cimport uint32_t, int64_t

cdef extern from *:
    """
    #include <sched.h>
    #include <stdlib.h>
    #include <sys/mman.h>
    #ifdef __SSE2__
    #include <emmintrin.h>
    #endif

    typedef __int128 agi_wide;
    #define agi_prefetch(p) __builtin_prefetch((p), 1, 3)
    #define agi_low_bit(x) __builtin_ctz(x)
    #define agi_unlikely(x) __builtin_expect(!!(x), 0)

    /* Bits of the five words at `words` that equal `word`; `words` is 16-byte aligned. */
    static inline unsigned agi_equal5(const unsigned *words, unsigned word) {
    #ifdef __SSE2__
        __m128i four = _mm_cmpeq_epi32(_mm_load_si128((const __m128i *)words), _mm_set1_epi32((int)word));
        return (unsigned)_mm_movemask_ps(_mm_castsi128_ps(four)) | (unsigned)(words[4] == word) << 4;
    #else
        unsigned bits = 0;
        for (int i = 0; i < 5; i++) bits |= (unsigned)(words[i] == word) << i;
        return bits;
    #endif
    }

    /* lock[0]: held; lock[1]: how many wait for it. */
    static __attribute__((noinline)) void agi_wait(int *lock) {
        int tries = 0;
        __atomic_add_fetch(lock + 1, 1, __ATOMIC_RELAXED);
        do {
            while (__atomic_load_n(lock, __ATOMIC_RELAXED))
                if (++tries > 100) sched_yield();
        } while (__atomic_exchange_n(lock, 1, __ATOMIC_ACQUIRE));
        __atomic_sub_fetch(lock + 1, 1, __ATOMIC_RELAXED);
    }
    static inline void agi_lock(int *lock) {
        if (__builtin_expect(__atomic_exchange_n(lock, 1, __ATOMIC_ACQUIRE), 0)) agi_wait(lock);
    }
    static inline void agi_unlock(int *lock) { __atomic_store_n(lock, 0, __ATOMIC_RELEASE); }

    /* Who lets go and comes back at once would win every time: those who wait go first, unless they do not run. */
    static inline void agi_let_in(int *lock) {
        for (int tries = 0; __atomic_load_n(lock + 1, __ATOMIC_RELAXED) && tries < 1000; tries++)
            if (tries > 200) sched_yield();
    }

    /* Whole huge pages, where the kernel gives them, save a walk of the page table per cold line. */
    static void *agi_lines(size_t bytes) {
        void *lines = NULL;
        size_t huge = (size_t)2 << 20;
        if (posix_memalign(&lines, bytes >= huge ? huge : 64, bytes)) return NULL;
    #ifdef MADV_HUGEPAGE
        if (bytes >= huge) madvise(lines, bytes, MADV_HUGEPAGE);
    #endif
        return lines;
    }
    #ifdef Py_GIL_DISABLED
    #define AGI_FREE_THREADED 1
    #else
    #define AGI_FREE_THREADED 0
    #endif
    """
    ctypedef long long wide "agi_wide"
    int FREE_THREADED "AGI_FREE_THREADED"
    void prefetch "agi_prefetch"(const void* line) noexcept nogil
    int low_bit "agi_low_bit"(uint32_t bits) noexcept nogil
    uint32_t equal5 "agi_equal5"(const uint32_t* words, uint32_t word) noexcept nogil
    bint unlikely "agi_unlikely"(bint truth) noexcept nogil
    void lock "agi_lock"(int* at) noexcept nogil
    void unlock "agi_unlock"(int* at) noexcept nogil
    void let_in "agi_let_in"(int* at) noexcept nogil
    void* new_lines "agi_lines"(size_t size) noexcept nogil
